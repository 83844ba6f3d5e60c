import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readTaskResults } from './read-task-results.js';

/**
 * Output of real releases of cabal over one project: `core` (library; suites `spec`, which fails, and `core`; a failing
 * benchmark), `app` (needs core), `broken` (does not compile), `dep` (needs broken), `uncompiled` (its suite does not
 * compile). The mirror's path is written as /mirror.
 */
const RECORDINGS = join(__dirname, 'recordings');
const releases = readdirSync(RECORDINGS);

function statuses(
  release: string,
  recording: string,
  kind: Parameters<typeof readTaskResults>[0]['kind'],
  packages: string[],
  succeeded = false,
) {
  const output = readFileSync(join(RECORDINGS, release, `${recording}.txt`), 'utf8');
  const outcomes = readTaskResults({ output, succeeded, packages, kind });
  return { statuses: Object.fromEntries([...outcomes].map(([name, { status }]) => [name, status])), outcomes };
}

it('has recordings of several releases of cabal', () => {
  expect(releases.length).toBeGreaterThanOrEqual(3);
});

describe.each(releases)('a batch run by %s', (release) => {
  it('succeeds as a whole', () => {
    const { statuses: found } = statuses(release, 'build-succeeds', 'build', ['core', 'app'], true);
    expect(found).toEqual({ core: 'succeeded', app: 'succeeded' });
  });

  it('fails the package that does not compile, skips what needs it, and no other', () => {
    const { statuses: found, outcomes } = statuses(release, 'build-fails', 'build', ['core', 'app', 'broken', 'dep']);
    expect(found).toEqual({ core: 'succeeded', app: 'succeeded', broken: 'failed', dep: 'skipped' });
    expect(outcomes.get('broken')?.log).toMatch(/Couldn't match type/);
    expect(outcomes.get('app')?.log).toMatch(/Building executable 'app' for app-0\.2/);
    expect(outcomes.get('app')?.log).not.toMatch(/Configuring library for broken/);
  });

  it('fails the package whose suite fails', () => {
    const { statuses: found, outcomes } = statuses(release, 'test-fails', 'test', ['core', 'app']);
    expect(found).toEqual({ core: 'failed', app: 'succeeded' });
    expect(outcomes.get('core')?.log).toMatch(/Test suite spec: FAIL/);
  });

  it('fails the package whose suite does not compile', () => {
    const { statuses: found } = statuses(release, 'test-build-fails', 'test', ['core', 'app', 'uncompiled']);
    expect(found).toEqual({ core: 'failed', app: 'succeeded', uncompiled: 'failed' });
  });

  it('fails all when there is no plan', () => {
    const { statuses: found } = statuses(release, 'dependency-missing', 'build', ['core', 'app']);
    expect(found).toEqual({ core: 'failed', app: 'failed' });
  });

  it('fails the package whose benchmark fails', () => {
    const { statuses: found } = statuses(release, 'bench-fails', 'bench', ['core']);
    expect(found).toEqual({ core: 'failed' });
  });

  it('never counts a package as succeeded when the output was cut off at any line', () => {
    const file = join(RECORDINGS, release, 'build-fails.txt');
    const lines = readFileSync(file, 'utf8').split('\n');
    const account = lines.findIndex((line) => /Failed to build broken/.test(line));
    expect(account).toBeGreaterThan(0);
    for (let end = 0; end <= account; end += 1) {
      const output = lines.slice(0, end).join('\n');
      const outcomes = readTaskResults({
        output,
        succeeded: false,
        packages: ['core', 'app', 'broken', 'dep'],
        kind: 'build',
      });
      expect([...outcomes.values()].map(({ status }) => status)).toEqual(['failed', 'failed', 'failed', 'failed']);
    }
  });
});

it('tells from which line to which a package is spoken of, and of one that had nothing to do that it is not', () => {
  const output =
    'Build profile\nBuilding library for a-1..\n[1 of 1] Compiling A\nBuilding library for b-1..\n[1 of 1] Compiling B\n';
  const outcomes = readTaskResults({ output, succeeded: true, packages: ['a', 'b', 'c'], kind: 'build' });
  expect([...outcomes.values()].map(({ span }) => span)).toEqual([{ first: 1, last: 2 }, { first: 3, last: 5 }, null]);
});

describe('a single package', () => {
  it('has the whole log', () => {
    const output = 'Build profile\nsomething\n';
    expect(readTaskResults({ output, succeeded: true, packages: ['p'], kind: 'build' }).get('p')).toEqual({
      status: 'succeeded',
      log: output,
      span: null,
    });
  });

  it('fails all of a batch when the final account has a line that is not understood', () => {
    const output =
      ' - a-1 (lib) (first run)\n - b-1 (lib) (first run)\nBuilding library for a-1..\nBuilding library for b-1..\nFailed to build a-1.\nFailed to build something strange.\n';
    const outcomes = readTaskResults({ output, succeeded: false, packages: ['a', 'b'], kind: 'build' });
    expect(outcomes.get('b')?.status).toBe('failed');
  });
});

it('finds a verdict behind what a suite printed without a line break at its end', () => {
  const output = `Build profile: -w ghc-9.0.2 -O1
In order, the following will be built (use -v for more details):
 - a-0.1 (test:quiet) (first run)
 - b-0.1 (test:loud) (first run)
Preprocessing test suite 'quiet' for a-0.1..
Building test suite 'quiet' for a-0.1..
Preprocessing test suite 'loud' for b-0.1..
Building test suite 'loud' for b-0.1..
Running 1 test suites...
Test suite quiet: RUNNING...
10%\r100%Test suite quiet: PASS
Running 1 test suites...
Test suite loud: RUNNING...
10%\r20%Test suite loud: FAIL
cabal: Tests failed for test:loud from b-0.1.
`;
  const outcomes = readTaskResults({ output, succeeded: false, packages: ['a', 'b'], kind: 'test' });
  expect([...outcomes].map(([name, { status }]) => [name, status])).toEqual([
    ['a', 'succeeded'],
    ['b', 'failed'],
  ]);
});
