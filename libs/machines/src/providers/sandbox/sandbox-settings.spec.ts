import { changesOf, type SandboxSettings } from './sandbox-settings.js';

const running: SandboxSettings = {
  release: '0.2.0',
  agent: { source: '/a/build-agent.cjs', sha256: 'one' },
  slots: 2,
  labels: { site: 'lab' },
  port: 12221,
  relay: 'ada@127.0.0.1:12220',
  hub: 'localhost:8000',
  secrets: 's',
};
const texts = (wanted: Partial<SandboxSettings>): string[] =>
  changesOf(running, { ...running, ...wanted }).map(({ kind, text }) => `${kind}: ${text}`);

describe('the changes of a sandbox', () => {
  it.each<[string, Partial<SandboxSettings>, string[]]>([
    ['the same again', {}, []],
    ['the same release in another workspace', { agent: { source: '/b/build-agent.cjs', sha256: 'two' } }, []],
    ['an older release', { release: '0.1.9', agent: { source: '/a/build-agent.cjs', sha256: 'two' } }, []],
    [
      'a newer release, wherever it is',
      { release: '0.10.0', agent: { source: '/b/build-agent.cjs', sha256: 'two' } },
      ['programs: release: 0.2.0 → 0.10.0'],
    ],
    ['a newer release with the same agent', { release: '0.3.0' }, []],
    [
      'a rebuild in the same place',
      { agent: { source: '/a/build-agent.cjs', sha256: 'two' } },
      ['programs: the agent was built anew'],
    ],
    ['another definition', { slots: 4, labels: {} }, ['settings: slots: 2 → 4', 'settings: labels: site=lab → none']],
    ['other labels', { labels: { b: '1', a: '2' } }, ['settings: labels: site=lab → a=2, b=1']],
    ['another relay', { relay: 'ada@127.0.0.1:1' }, ['connection: relay: ada@127.0.0.1:12220 → ada@127.0.0.1:1']],
    ['another port', { port: 12222 }, ['settings: port: 12221 → 12222']],
    ['another token, which is not shown', { secrets: 't' }, ['connection: keys or token']],
  ])('%s', (_, wanted, expected) => {
    expect(texts(wanted)).toEqual(expected);
  });

  it('concern the programs where nothing is on record', () => {
    expect(changesOf(undefined, running)).toMatchObject([{ kind: 'programs' }]);
  });
});
