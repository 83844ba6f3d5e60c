import { eventually } from '../support/eventually.js';
import { journey } from '../support/journey.js';
import { up } from '../support/machine.js';
import { succeeded } from '../support/nx-output.js';
import { smallProject } from '../support/small-project.js';
import { buildMachines, nx, writeTree } from '../support/workspace.js';
import { RENAMED, type RenamedHub, startRenamedHub } from './renamed-hub.js';

/** A hub that lists machines and can nothing else, with nothing where it is assumed: machine.yml says where. */
describe('a State Hub that is already there', () => {
  let hub: RenamedHub;
  beforeAll(async () => {
    hub = await startRenamedHub();
  });
  afterAll(() => {
    hub.close();
  });

  const workspace = journey({
    prepare(made) {
      writeTree(made, smallProject('small', 'word'));
      writeTree(made, {
        'machines/sandbox/machine.yml': `name: sandbox\nprovider: sandbox\nhub:\n  url: ${hub.url}\n  catalog:${RENAMED}`,
      });
    },
    machinesUp: false,
  });

  it('is registered at by the machine, through its tunnel, in its own words', async () => {
    await up(workspace(), 'sandbox', { env: { BUILD_MACHINES_HUB_MACHINE_TOKEN: 'of-the-machine' } });
    await eventually('the machine has registered', () => hub.registered.length > 0);
    const [first] = hub.registered;
    expect(first?.authorization).toBe('Bearer of-the-machine');
    expect(first?.agent).toMatchObject({
      title: 'sandbox',
      kind: 'haskell-build-agent',
      ssh: { reverse: workspace().workstation.ports.first },
      tools: expect.arrayContaining([expect.objectContaining({ tool: 'ghc' })]),
    });
    expect(Object.keys(first?.agent ?? {})).not.toContain('tunnel_port');
  });

  it('is read by machines and by bridge-status, which name what it cannot', async () => {
    const listed = succeeded(await buildMachines(workspace(), ['machines', '--json']));
    expect(JSON.parse(listed.stdout)).toMatchObject([
      { name: 'sandbox', provider: 'sandbox', hub: { state: 'unknown' } },
    ]);
    expect(listed.output).toContain('it has no heartbeats, leases, runs, events, cache');
    const { output } = succeeded(await nx(workspace(), ['run', 'sandbox:bridge-status']));
    expect(output).toContain(`${hub.url}, answers, lists this machine, has no heartbeats, leases`);
    expect(output).toContain('another hub, which takes no heartbeats');
  });

  it('suffices for a build, which says what it goes without', async () => {
    const { output } = succeeded(await nx(workspace(), ['run', 'small:remote-build']));
    expect(output).toContain('has no leases and no runs: neither is used');
  });

  it('passes the smoke test', async () => {
    const { output } = succeeded(await nx(workspace(), ['run', 'sandbox:smoke-test']));
    expect(output).toContain('the hub does not say how it is');
  });

  it('was asked for nothing that it does not have, but how it is', () => {
    expect([...hub.strange]).toEqual(['GET /healthz']);
  });
});
