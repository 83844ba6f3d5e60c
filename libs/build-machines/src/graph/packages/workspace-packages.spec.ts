import { diskFiles } from '@build-machines/haskell';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { AnalysisCache } from '../nx/analysis-cache.js';
import { packageDependencies, readWorkspacePackages } from './workspace-packages.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'graph-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const library = (name: string, dependencies = 'base') =>
  `cabal-version: 2.4\nname: ${name}\nversion: 1\nlibrary\n  build-depends: ${dependencies}\n`;

function read(files: Record<string, string>) {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const known = Object.keys(files).filter((path) => /(\.cabal|package\.yaml|cabal\.project|stack\.yaml)$/.test(path));
  return readWorkspacePackages(root, known, diskFiles(), AnalysisCache.open(root, {})).packages;
}
const placesOf = (files: Record<string, string>) =>
  read(files).map(({ root: at, project }) => `${at} in ${project.root}`);
const edgesOf = (files: Record<string, string>) =>
  read(files).flatMap((pkg) => packageDependencies(pkg).map((needed) => `${pkg.root} → ${needed.root}`));

describe('the packages of a workspace', () => {
  it('are those that a project file lists, and those without a project file above', () => {
    expect(
      placesOf({
        'hs/cabal.project': 'packages: a',
        'hs/a/a.cabal': library('a'),
        'alone/b.cabal': library('b'),
        'st/stack.yaml': 'packages: [c]',
        'st/c/c.cabal': library('c'),
      }),
    ).toEqual(['alone in alone', 'hs/a in hs', 'st/c in st']);
  });

  it('are no fixtures in the folder of a package, with or without a project file, however they are named', () => {
    expect(
      placesOf({
        'cabal.project': 'packages: pk/*/*.cabal',
        'pk/install/install.cabal': library('install'),
        'pk/install/tests/one/p.cabal': library('p'),
        'pk/install/tests/two/p.cabal': 'half typ',
        'pk/install/tests/three/cabal.project': 'packages: p q\n}',
        'pk/install/tests/three/p/p.cabal': library('p'),
      }),
    ).toEqual(['pk/install in .']);
  });

  it('are, beside a package at the root of its project, those with a project file of their own', () => {
    expect(
      placesOf({
        'cabal.project': 'packages: .',
        'top.cabal': library('top'),
        'test/data/x.cabal': library('x'),
        'examples/cabal.project': 'packages: demo ..',
        'examples/demo/demo.cabal': library('demo', 'top'),
      }),
    ).toEqual(['. in .', 'examples/demo in examples']);
  });

  it('are those that nobody lists outside of all packages, unless they are copies', () => {
    expect(
      placesOf({
        'cabal.project': 'packages: a',
        'a/a.cabal': library('a'),
        'hello/hello.cabal': library('hello'),
        'archive/a.cabal': library('a'),
      }),
    ).toEqual(['a in .', 'hello in hello']);
  });

  it('are those that somebody has declared a project', () => {
    expect(
      placesOf({
        'cabal.project': 'packages: a',
        'a/a.cabal': library('a'),
        'a/tests/demo/demo.cabal': library('demo'),
        'a/tests/demo/project.json': '{}',
      }),
    ).toEqual(['a in .', 'a/tests/demo in a/tests/demo']);
  });

  it('are built by one project each: the outermost above that lists them, else the first that does', () => {
    expect(
      placesOf({
        'cabal.project': 'packages: app vendor/*/*.cabal',
        'app/app.cabal': library('app'),
        'vendor/lib/lib.cabal': library('lib'),
        'vendor/lib/cabal.project': 'packages: .',
        'services/one/cabal.project': 'packages: . ../../shared',
        'services/one/one.cabal': library('one'),
        'services/two/cabal.project': 'packages: . ../../shared',
        'services/two/two.cabal': library('two'),
        'shared/shared.cabal': library('shared'),
      }),
    ).toEqual([
      'app in .',
      'services/one in services/one',
      'services/two in services/two',
      'shared in services/one',
      'vendor/lib in .',
    ]);
  });
});

describe('what packages need', () => {
  it('is in the project that builds them, not in one that a vendored repository brings', () => {
    expect(
      edgesOf({
        'cabal.project': 'packages: app vendor/*/*.cabal',
        'app/app.cabal': library('app', 'lib1'),
        'vendor/lib1/lib1.cabal': library('lib1', 'lib2'),
        'vendor/lib1/cabal.project': 'packages: .',
        'vendor/lib2/lib2.cabal': library('lib2'),
      }),
    ).toEqual(['app → vendor/lib1', 'vendor/lib1 → vendor/lib2']);
  });

  it('is in every project that lists them', () => {
    expect(
      edgesOf({
        'one/cabal.project': 'packages: . ../shared low',
        'one/one.cabal': library('one', 'shared'),
        'one/low/low.cabal': library('low'),
        'two/cabal.project': 'packages: . ../shared low',
        'two/two.cabal': library('two', 'shared'),
        'two/low/low.cabal': library('low'),
        'shared/shared.cabal': library('shared', 'low'),
      }),
    ).toEqual(['one → shared', 'shared → one/low', 'shared → two/low', 'two → shared']);
  });

  it('is also what cannot be read', () => {
    expect(
      edgesOf({
        'cabal.project': 'packages: app bad gone',
        'app/app.cabal': library('app', 'bad, gone'),
        'bad/bad.cabal': 'name: bad\nlibrary\n  build-depends: ->\n',
      }),
    ).toEqual(['app → bad', 'app → gone']);
  });

  it('is what defaults of hpack name', () => {
    expect(
      edgesOf({
        'cabal.project': 'packages: a b',
        'common/d.yaml': 'dependencies: [b]\n',
        'a/package.yaml': 'defaults: {local: ../common/d.yaml}\nlibrary: {}\n',
        'b/b.cabal': library('b'),
      }),
    ).toEqual(['a → b']);
  });
});
