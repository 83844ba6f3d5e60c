import { brokenPackages, longName, unplannedProject } from './support/broken-packages.js';
import { edit } from './support/example.js';
import { journey } from './support/journey.js';
import { failedTasks, isCacheHit, outputOf } from './support/nx-output.js';
import type { Ended } from './support/run-program.js';
import { onTerminal } from './support/terminal.js';
import { nx, writeTree, type NxOptions } from './support/workspace.js';

const broken = /src\/Broken\.hs:4:15: error:[^]*Couldn't match type[^]*"word-of-broken"/;

/** For each project, what its failed task must show. */
type Words = Readonly<Record<string, readonly RegExp[]>>;

/** Each of the tasks failed, and no other; each shows the words; Nx says by its exit status that something failed. */
function expectFailures(ended: Ended, target: string, words: Words): void {
  expect(failedTasks(ended)).toEqual(
    Object.keys(words)
      .map((project) => `${project}:${target}`)
      .sort(),
  );
  for (const [project, patterns] of Object.entries(words))
    for (const pattern of patterns) expect(outputOf(ended, `${project}:${target}`)).toMatch(pattern);
  expect(ended.output).not.toMatch(/Successfully ran|skipped/);
  expect(ended.exitCode).toBe(1);
}

const building: Words = {
  broken: [broken],
  middle: [broken, /middle was not built, because broken failed/],
  top: [broken, /top was not built, because broken failed/],
  left: [broken],
  diamond: [broken],
  sublibrary: [/word-of-inner/],
  'own-library': [/word-of-own-library/],
  'bad-program': [/wordOfBadProgram/],
  'bad-tool': [/wordOfBadTool/],
  'needs-tool': [/wordOfBadTool/, /because bad-tool failed/],
  'no-c-library': [/Missing \(or bad\) C library: wordofnolibrary/],
  [longName]: [/word-of-long-name/],
  one: [/unknown package: word-of-unknown-package/],
  two: [/unknown package: word-of-unknown-package/],
};

describe('what fails', () => {
  const workspace = journey({
    prepare: (made) => {
      writeTree(made, { ...brokenPackages(), ...unplannedProject });
    },
  });
  const run = (args: readonly string[], options: NxOptions = {}): Promise<Ended> =>
    nx(workspace(), [...args, '--outputStyle=static'], options);

  it('fails its task and those that need it, with its errors; the others are built, and hits the next time', async () => {
    expectFailures(await run(['run-many', '-t', 'remote-build']), 'remote-build', building);
    const again = await run(['affected', '-t', 'remote-build', '--files=cabal.project'], { daemon: true });
    const affected = Object.entries(building).filter(([name]) => name !== 'one' && name !== 'two');
    expectFailures(again, 'remote-build', Object.fromEntries(affected));
    const hits = ['fine', 'asserts', 'killed', 'tests-need', 'bad-suite'];
    for (const name of hits) expect([name, isCacheHit(again, `${name}:remote-build`)]).toEqual([name, true]);
  });

  it('is told when it is a test, or what only a test needs', async () => {
    const tested = await run(['run-many', '-t', 'remote-test']);
    expectFailures(tested, 'remote-test', {
      broken: [broken],
      top: [broken],
      'tests-need': [broken, /because broken failed/],
      'own-library': [/word-of-own-library/],
      'bad-suite': [/wordOfBadSuite/],
      asserts: [/word-of-assertion/],
      killed: [/word-of-killed/, /Test suite spec: FAIL/],
    });
    expect(outputOf(tested, 'fine:remote-test')).toMatch(/Test suite spec: PASS/);
  });

  it.each([
    ['remote-build', 'true'],
    ['remote-build', 'false'],
    ['remote-test', 'true'],
    ['remote-test', 'false'],
    ['remote-bench', 'false'],
    ['remote-haddock', 'true'],
  ])('is told when it is no task of the run: %s, in a batch: %s', async (target, batch) => {
    const ended = await run(['run', `top:${target}`], { env: { NX_BATCH_MODE: batch } });
    expectFailures(ended, target, { top: [broken] });
  });

  it.each([
    ['true', false],
    ['true', true],
    ['false', false],
    ['false', true],
  ])(
    'ends a run with 1 when it keeps other tasks from running (in a batch: %s, Nx daemon: %s)',
    async (batch, daemon) => {
      const ended = await run(['run', 'top:fetch-artifacts'], { env: { NX_BATCH_MODE: batch }, daemon });
      expectFailures(ended, 'remote-build', { top: [broken] });
      expect(ended.output).toMatch(/top:remote-build failed, so Nx did not run top:fetch-artifacts/);
    },
  );

  it('is told in the terminal UI', async () => {
    const terminal = onTerminal(
      workspace(),
      ['run', 'tests-need:remote-test', '--tui', '--tuiAutoExit=true'],
      { columns: 120, rows: 40 },
      { NX_TUI: 'true' },
    );
    try {
      const ended = await terminal.ended;
      expect(ended.output).toMatch(/Couldn't match type[^]*"word-of-broken"/);
      expect(ended.output).not.toMatch(/Successfully ran/);
      expect(ended.exitCode).toBe(1);
    } finally {
      terminal.close();
    }
  });

  it('fails no task but its own when it is an option', async () => {
    writeTree(workspace(), {
      'asserts/project.json': JSON.stringify({ targets: { 'remote-build': { options: { ghc: 'nine' } } } }),
      'killed/project.json': JSON.stringify({ targets: { 'remote-build': { options: { machine: 'nowhere' } } } }),
    });
    const ended = await run(['run-many', '-t', 'remote-build', '-p', 'fine,asserts,killed,left', '--skipNxCache']);
    expectFailures(ended, 'remote-build', {
      asserts: [/options-invalid/, /"ghc"/],
      killed: [/nowhere/],
      left: [broken],
    });
    writeTree(workspace(), { 'asserts/project.json': null, 'killed/project.json': null });
  });

  it('is told when cabal cannot read the project, by every task', async () => {
    edit(workspace(), 'cabal.project', 'packages:', 'index-state: nonsense\npackages:');
    const ended = await run(['run-many', '-t', 'remote-build', '-p', 'fine,asserts', '--skipNxCache']);
    const words = [/cabal\.project/, /index-state|nonsense/];
    expectFailures(ended, 'remote-build', { fine: words, asserts: words });
  });
});
