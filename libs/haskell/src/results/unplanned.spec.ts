import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { endedBeforeBuilding, unplannedOthers } from './unplanned.js';

const RECORDINGS = join(__dirname, 'recordings');
const releases = readdirSync(RECORDINGS);
const recorded = (release: string, name: string): string =>
  readFileSync(join(RECORDINGS, release, `${name}.txt`), 'utf8');

const refused = `Resolving dependencies...
cabal: Could not resolve dependencies:
[__0] trying: p2-0.1 (user goal)
[__1] trying: p2:*test
[__2] unknown package: nonexistent-lib (dependency of p2 *test)
[__2] fail (backjumping, conflict set: nonexistent-lib, p2, p2:test)
After searching the rest of the dependency tree exhaustively, these were the
goals I've had most trouble fulfilling: p2, p2:test, nonexistent-lib
`;

describe('a failed run of cabal', () => {
  it.each([
    ['the solver found no plan', refused],
    [
      'a target is none',
      `Resolving dependencies...
cabal: Cannot run benchmarks for the target 'q' which refers to the package
q-0.1 because it does not contain any benchmarks.
`,
    ],
    ['cabal printed nothing', ''],
  ])('ended before building, where %s', (_, output) => {
    expect(endedBeforeBuilding(output)).toBe(true);
  });

  it.each([
    [
      'it shows a plan',
      `Resolving dependencies...
Build profile: -w ghc-9.0.2 -O1
In order, the following will be built (use -v for more details):
 - p1-0.1 (lib) (first run)
Killed
`,
    ],
    ['it configured a package', 'Configuring library for p1-0.1..\n'],
    ['it gives an account', 'cabal: Failed to build p1-0.1. See the build log above for details.\n'],
  ])('had begun to build, where %s', (_, output) => {
    expect(endedBeforeBuilding(output)).toBe(false);
  });
});

describe('the packages without which there is no plan', () => {
  const ours = (name: string): boolean => ['p2', 'my-lib'].includes(name);

  it('are named to a task that does not need them', () => {
    expect(unplannedOthers(refused, ours)).toContain('has no plan for p2. Correct the dependencies of p2');
    const versioned = '[__1] rejecting: base-4.15.1.0/installed-4.15.1.0 (conflict: p)\n(dependency of my-lib-0.1.2)';
    expect(unplannedOthers(versioned, ours)).toContain('has no plan for my-lib.');
  });

  it('are not worth a word where they are its own, or of a package index', () => {
    expect(unplannedOthers(refused, (name) => name !== 'p2')).toBeUndefined();
    expect(unplannedOthers('cabal: no such file', ours)).toBeUndefined();
  });
});

describe.each(releases)('%s', (release) => {
  it('ends before building where a dependency is missing, and not where something fails to build or to pass', () => {
    const ended = ['dependency-missing', 'build-fails', 'test-fails', 'test-build-fails', 'bench-fails'].map((name) =>
      endedBeforeBuilding(recorded(release, name)),
    );
    expect(ended).toEqual([true, false, false, false, false]);
  });
});
