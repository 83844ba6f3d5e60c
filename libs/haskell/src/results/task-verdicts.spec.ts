import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type JudgedRun, taskVerdicts, type TaskVerdict } from './task-verdicts.js';

/**
 * What cabal printed over the packages of `e2e/support/broken-packages.ts` (files `shapes-*`), and over those of
 * read-task-results.spec.ts. The mirror's path is written as /mirror.
 */
function recording(release: string, name: string): string {
  return readFileSync(join(__dirname, 'recordings', release, `${name}.txt`), 'utf8');
}

/** What packages need directly; tests and benchmarks only count for runs that build them. */
const direct: Readonly<Record<string, readonly string[]>> = {
  middle: ['broken'],
  left: ['broken'],
  top: ['middle'],
  diamond: ['left', 'middle'],
  'needs-tool': ['bad-tool'],
  app: ['core'],
  dep: ['broken'],
};
const needed = (name: string, of = direct): string[] => [name, ...(of[name] ?? []).flatMap((next) => needed(next, of))];

const long = 'a-package-with-a-name-so-long-that-cabal-breaks-its-account-before-it';
const ours = new Set([
  ...Object.keys(direct),
  ...['broken', 'fine', 'core', 'uncompiled', 'tests-need', 'bad-suite', 'bad-program', 'bad-tool', 'no-c-library'],
  ...['asserts', 'killed', 'own-library', 'sublibrary', long],
]);

function judge(
  packages: readonly string[],
  { kind = 'build', end = 'failed', reason = 'status 1', output, ...rest }: Partial<JudgedRun> & { output: string },
): Record<string, TaskVerdict> {
  const tests = kind === 'test' ? { ...direct, 'tests-need': ['broken'] } : direct;
  const needs = (name: string): Set<string> => new Set(ours.has(name) ? needed(name, tests) : []);
  const tasks = packages.map((name) => ({ id: name, packages: [name] }));
  return Object.fromEntries(taskVerdicts(tasks, { kind, end, reason, output, needs, ...rest }));
}

const textOf = (verdict: TaskVerdict | undefined): string =>
  verdict === undefined ? '' : verdict.status === 'failure' ? verdict.text : 'SUCCESS';

/** For each task, what its failure must say; null: it succeeded. */
type Expected = Readonly<Record<string, readonly RegExp[] | null>>;

function expectVerdicts(verdicts: Record<string, TaskVerdict>, expected: Expected): void {
  const statuses = Object.fromEntries(Object.entries(verdicts).map(([name, { status }]) => [name, status]));
  expect(statuses).toEqual(
    Object.fromEntries(Object.entries(expected).map(([name, words]) => [name, words === null ? 'success' : 'failure'])),
  );
  for (const [name, words] of Object.entries(expected))
    for (const word of words ?? [])
      expect({ [name]: textOf(verdicts[name]) }).toEqual({ [name]: expect.stringMatching(word) });
}

const broken = /src\/Broken\.hs:4:15: error:[^]*Couldn't match type[^]*"word-of-broken"/;

describe('a build of many packages', () => {
  const output = recording('cabal-3.4', 'shapes-build');
  const expected: Expected = {
    fine: null,
    asserts: null,
    killed: null,
    'tests-need': null,
    'bad-suite': null,
    broken: [broken],
    middle: [broken, /middle was not built, because broken failed/],
    top: [broken, /top was not built, because broken failed/],
    left: [broken],
    diamond: [broken],
    'own-library': [/word-of-own-library/],
    sublibrary: [/word-of-inner/],
    'bad-program': [/wordOfBadProgram/],
    'bad-tool': [/wordOfBadTool/],
    'needs-tool': [/wordOfBadTool/, /because bad-tool failed/],
    'no-c-library': [/Missing \(or bad\) C library: wordofnolibrary/],
    [long]: [/word-of-long-name/],
  };

  it('fails what failed and what needs it, each with the words of the compiler', () => {
    expectVerdicts(judge(Object.keys(expected), { output }), expected);
  });

  const failing = Object.entries(expected).filter(([, words]) => words !== null);
  it.each(failing)('says the same of %s when what it needs is not among the tasks', (name, words) => {
    expectVerdicts(judge([name, 'fine'], { output }), { [name]: words, fine: null });
  });

  it('shows a package that needs a broken one no errors that are certainly about others', () => {
    const { middle } = judge(Object.keys(expected), { output });
    expect(textOf(middle)).not.toMatch(/word-of-(?:inner|own-library|long-name)/);
  });
});

it('judges tests: by assertion, by signal, by what only the suite needs', () => {
  const kind = 'test';
  const verdicts = judge(['fine', 'broken', 'top', 'own-library', 'tests-need', 'bad-suite', 'asserts', 'killed'], {
    output: recording('cabal-3.4', 'shapes-test'),
    kind,
  });
  expectVerdicts(verdicts, {
    fine: null,
    broken: [broken],
    top: [broken, /top was not tested/],
    'own-library': [/word-of-own-library/],
    'tests-need': [broken, /tests-need was not tested, because broken failed/],
    'bad-suite': [/wordOfBadSuite/],
    asserts: [/word-of-assertion/],
    killed: [/word-of-killed/],
  });
});

it('judges documentation and benchmarks', () => {
  const haddock = judge(['fine', 'broken', 'middle'], {
    output: recording('cabal-3.4', 'shapes-haddock'),
    kind: 'haddock',
  });
  expectVerdicts(haddock, { fine: null, broken: [broken], middle: [broken, /was not documented/] });
  const bench = judge(['fine', 'top'], { output: recording('cabal-3.4', 'shapes-bench'), kind: 'bench' });
  expectVerdicts(bench, { fine: null, top: [broken, /top was not run/] });
});

describe.each(['cabal-3.4', 'cabal-3.10', 'cabal-3.12'])('with %s', (release) => {
  const output = recording(release, 'build-fails');
  const error = /src\/Broken\.hs:3:5: error[^]*Couldn't match type/;

  it('shows under a task what failed outside of the run', () => {
    expectVerdicts(judge(['dep', 'core', 'app'], { output }), { dep: [error], core: null, app: null });
    expectVerdicts(judge(['dep'], { output }), { dep: [error, /status 1/] });
  });

  it('shows the errors of a broken package under each task that needs it', () => {
    expectVerdicts(judge(['broken', 'dep', 'core'], { output }), { broken: [error], dep: [error], core: null });
  });

  it('shows under every task why there is no plan', () => {
    const words = [/unknown package: no-such-package/, /status 1/];
    const unplanned = recording(release, 'dependency-missing');
    expectVerdicts(judge(['core', 'app'], { output: unplanned }), { core: words, app: words });
  });

  it('loses no error wherever the output ends, and has no failure without words', () => {
    const lines = output.split('\n');
    const packages = ['core', 'app', 'broken', 'dep'];
    fc.assert(
      fc.property(
        fc.nat(lines.length),
        fc.constantFrom('failed' as const, 'cutOff' as const),
        fc.subarray(packages, { minLength: 1 }),
        (length, end, tasks) => {
          const cut = lines.slice(0, length).join('\n');
          const verdicts = Object.values(judge(tasks, { output: cut, end, reason: '' }));
          const texts = verdicts.flatMap((verdict) => (verdict.status === 'failure' ? [verdict.text] : []));
          expect(texts.length).toBeGreaterThan(0);
          for (const text of texts) expect(text.trim()).not.toBe('');
          for (const line of cut.split('\n').filter((other) => /error|cabal: /.test(other)))
            expect(texts.some((text) => text.includes(line))).toBe(true);
        },
      ),
    );
  });
});

describe('what is about no package in particular', () => {
  const planned = 'In order, the following will be built:\n - one-1 (lib) (first run)\n - two-1 (lib) (first run)\n';
  const begun = 'Building library for one-1..\nBuilding library for two-1..\n';
  const run = (output: string, rest: Partial<JudgedRun> = {}): Record<string, TaskVerdict> =>
    judge(['one', 'two'], { output, needs: (name) => new Set(['one', 'two'].includes(name) ? [name] : []), ...rest });

  it('is shown under each task that failed', () => {
    const output = `${planned}${begun}ghc: could not execute: opt\ncabal: Failed to build one-1.\nFailed to build two-1.\n`;
    expectVerdicts(run(output), { one: [/could not execute/], two: [/could not execute/] });
  });

  it('is shown under the task that failed where the other one succeeded', () => {
    const output = `${planned}${begun}\nsrc/Lib.hs:1:1: error: parse error\ncabal: Failed to build one-1.\n`;
    expectVerdicts(run(output), { one: [/parse error/], two: null });
  });

  it('fails all when the account names nothing that any of them needs', () => {
    const output = `${planned}${begun}oops\ncabal: Failed to build nobodys-1.\n`;
    expectVerdicts(run(output), { one: [/oops/, /status 1/], two: [/oops/, /status 1/] });
  });

  it('fails a package that waits for one from elsewhere, with that one’s errors', () => {
    const output = `${planned}Building library for one-1..\nBuilding library for elsewhere-2..\nbad C\ncabal: Failed to build elsewhere-2 (which is required by two-1).\n`;
    expectVerdicts(run(output), { one: null, two: [/bad C/, /because elsewhere failed/] });
  });

  it('is the reason of a run that was lost, cancelled or never printed anything', () => {
    const lost = 'The machine was lost under the run: no heartbeat.';
    expectVerdicts(run('', { end: 'cutOff', reason: lost }), { one: [/no heartbeat/], two: [/no heartbeat/] });
    expectVerdicts(run(' \n', { reason: '' }), {
      one: [/neither cabal nor the machine/],
      two: [/neither cabal/],
    });
  });
});

describe('messages about files of one path in several packages', () => {
  const compiling = (name: string): string =>
    `Building library for ${name}-1..\n[1 of 1] Compiling Lib ( src/Lib.hs, /m/dist-newstyle/build/x86_64-linux/ghc-9.0.2/${name}-1/build/Lib.o )\n`;
  const planned = ' - one-1 (lib) (first run)\n - two-1 (lib) (first run)\n - three-1 (lib) (first run)\n';
  const needs = (name: string): Set<string> => new Set(['one', 'two', 'three'].includes(name) ? [name] : []);
  const error = '\nsrc/Lib.hs:9:9: error: here\n';

  it('are about the one that could not be built', () => {
    const output = `${planned}${compiling('one')}${compiling('two')}${error}${compiling('three')}cabal: Failed to build one-1.\n`;
    expectVerdicts(judge(['one', 'two', 'three'], { output, needs }), {
      one: [/9:9: error: here/],
      two: null,
      three: null,
    });
  });

  it('are shown under all that could not be built', () => {
    const output = `${planned}${compiling('one')}${compiling('two')}${error}${compiling('three')}cabal: Failed to build one-1.\nFailed to build two-1.\n`;
    const words = [/9:9: error: here/];
    expectVerdicts(judge(['one', 'two', 'three'], { output, needs }), { one: words, two: words, three: null });
  });
});
