import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { diskFiles, type SourceFiles } from '../files/source-files.js';
import { findCabalProject, projectFinder } from './find-cabal-project.js';
import { packageClosure } from './package-graph.js';
import { readCabalProject } from './read-cabal-project.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'hs-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function write(files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

function library(name: string, dependencies = 'base'): string {
  return `cabal-version: 2.4\nname: ${name}\nversion: 1\nlibrary\n  build-depends: ${dependencies}\n`;
}

/** The files on disk but those whose path matches. */
function without(hidden: RegExp): SourceFiles {
  const disk = diskFiles();
  return {
    read: (path) => (hidden.test(path) ? null : disk.read(path)),
    list: (folder) => disk.list(folder).filter(({ name }) => !hidden.test(name)),
  };
}

const names = (dir = root) => readCabalProject(dir).packages.map((pkg) => pkg.name);
const problems = () => readCabalProject(root).problems.map((problem) => problem.message.replace(`${root}/`, ''));

describe('the packages of a cabal.project', () => {
  const packages = { 'a/a.cabal': library('a'), 'b/b.cabal': library('b'), 'deep/c/c.cabal': library('c') };

  it.each([
    ['packages: */*.cabal deep/c', ['a', 'b', 'c']],
    ['packages: ./a/ , b/b.cabal', ['a', 'b']],
    ['packages: ./{a,b}', ['a', 'b']],
    ['packages: ./{a,b}/*.cabal', ['a', 'b']],
    ['packages:\n  a\n  -- b\n  "deep/c"', ['a', 'c']],
    ['packages: */', ['a', 'b']],
    ['packages: a\noptional-packages: deep/*/*.cabal nowhere/*', ['a', 'c']],
    ['packages: a https://example.org/x.tar.gz\nextra-packages: text ==2.*', ['a']],
    ['packages: a\nif impl(ghc >= 9.6)\n  packages: b\nelse\n  packages: deep/c', ['a', 'b', 'c']],
    [
      'packages: a\npackage b\n  ghc-options: -O2\nsource-repository-package\n  type: git\n  location: https://x',
      ['a'],
    ],
    ['packages: a ./a a/a.cabal', ['a']],
  ])('are found: %j', (project, expected) => {
    write({ ...packages, 'cabal.project': project });
    expect(names()).toEqual(expected);
    expect(problems()).toEqual([]);
  });

  it('include those of imported files, .local and .freeze, and the files are listed', () => {
    write({
      ...packages,
      'cabal.project': 'import: ci/base.project\nimport: https://example.org/remote.config\npackages: a\n',
      'ci/base.project': 'packages: b\nimport: more.project\n',
      'ci/more.project': 'constraints: text <2\n',
      'cabal.project.local': 'packages: deep/c\n',
      'cabal.project.freeze': 'constraints: any.text ==1.2\n',
    });
    expect(names()).toEqual(['a', 'b', 'c']);
    expect(readCabalProject(root).files.map((file) => file.slice(root.length + 1))).toEqual([
      'cabal.project',
      'ci/base.project',
      'ci/more.project',
      'cabal.project.freeze',
      'cabal.project.local',
    ]);
  });

  it('are reported where they are missing, with file and line, and the others are read', () => {
    write({ ...packages, 'cabal.project': 'packages:\n  a\n  gone\n', 'b/b.cabal': 'x' });
    expect(names()).toEqual(['a']);
    expect(problems()).toEqual(['cabal.project:3: "gone" is no package: nothing is there']);
  });

  it('are reported where one is broken or a folder has two', () => {
    write({
      ...packages,
      'cabal.project': 'packages: a b deep/c',
      'a/other.cabal': library('o'),
      'b/b.cabal': 'nope\n',
    });
    expect(names()).toEqual(['c']);
    expect(readCabalProject(root).broken.map(({ problem }) => problem.message.replace(`${root}/`, ''))).toEqual([
      'a: there are several *.cabal files (a.cabal, other.cabal)',
      'b/b.cabal: the package has no name',
    ]);
    expect(problems()).toEqual([]);
  });

  it('do not include what the caller hides', () => {
    write({
      ...packages,
      'cabal.project': 'packages: */*.cabal',
      'cabal.project.local': 'packages: deep/c',
    });
    const files = without(/(b\.cabal|\.local)$/);
    expect(readCabalProject(root, { files }).packages.map((pkg) => pkg.name)).toEqual(['a']);
  });
});

describe('a project without cabal.project', () => {
  it('is the lone package of its folder', () => {
    write({ 'p.cabal': library('p') });
    expect(readCabalProject(root)).toMatchObject({ kind: 'package', needsProjectFile: false });
    expect(names()).toEqual(['p']);
  });

  it('has the packages of stack.yaml', () => {
    write({
      'stack.yaml': 'resolver: lts-22.0\npackages:\n- a\n- ./b\n',
      'a/a.cabal': library('a'),
      'b/b.cabal': library('b'),
    });
    expect(readCabalProject(root)).toMatchObject({ kind: 'stack', needsProjectFile: true });
    expect(names()).toEqual(['a', 'b']);
  });

  it('reports a stack.yaml that is none', () => {
    write({ 'stack.yaml': 'packages: 7\n' });
    expect(problems()[0]).toMatch(/^stack\.yaml:1: packages: /);
  });
});

describe('hpack', () => {
  it('describes a package where there is no *.cabal, also behind a pattern for *.cabal files', () => {
    write({
      'cabal.project': 'packages: */*.cabal',
      'a/a.cabal': library('a'),
      'h/package.yaml': `
dependencies:
- base >= 4.9
- name: text
library:
  source-dirs: src
  when:
    condition: os(windows)
    then: { dependencies: Win32 }
    else: { dependencies: unix }
executables:
  tool: { main: Main.hs, source-dirs: app, dependencies: [a] }
tests:
  spec: { main: Spec.hs, source-dirs: test, build-tools: "hspec-discover:hspec-discover" }
`,
    });
    expect(problems()).toEqual([]);
    const hpack = readCabalProject(root).packages.find((pkg) => pkg.name === 'h');
    expect(hpack).toMatchObject({ needsHpack: true, version: '0.0.0' });
    expect(
      hpack?.components.map(({ kind, name, dependencies }) => [kind, name, dependencies.map((d) => d.package)]),
    ).toEqual([
      ['library', 'h', ['base', 'text', 'Win32', 'unix']],
      ['executable', 'tool', ['base', 'text', 'a']],
      ['test-suite', 'spec', ['base', 'text']],
    ]);
    expect(hpack?.components[2]?.toolDependencies).toMatchObject([{ package: 'hspec-discover' }]);
  });

  it('is left aside where there is a *.cabal, and used where the caller hides that', () => {
    write({ 'package.yaml': 'name: y\nlibrary: {}\n', 'y.cabal': library('y') });
    expect(readCabalProject(root).packages[0]?.needsHpack).toBe(false);
    expect(readCabalProject(root, { files: without(/\.cabal$/) }).packages[0]?.needsHpack).toBe(true);
  });
});

describe('finding the project of a package', () => {
  it('takes the nearest one that has the package', () => {
    write({
      'cabal.project': 'packages: libs/*',
      'libs/cabal.project': 'packages: other',
      'libs/a/a.cabal': library('a'),
    });
    expect(findCabalProject(join(root, 'libs/a'), root).dir).toBe(root);
  });

  it('takes a package alone that no project has, and keeps outer projects from taking over', () => {
    write({ 'cabal.project': 'packages: a', 'a/a.cabal': library('a'), 'b/b.cabal': library('b') });
    expect(findCabalProject(join(root, 'b'), root)).toMatchObject({
      dir: join(root, 'b'),
      kind: 'package',
      needsProjectFile: true,
      packages: [{ name: 'b' }],
    });
  });

  it('does not look above the workspace', () => {
    write({ 'cabal.project': 'packages: ws/b', 'ws/b/b.cabal': library('b') });
    expect(findCabalProject(join(root, 'ws/b'), join(root, 'ws'))).toMatchObject({
      kind: 'package',
      needsProjectFile: false,
    });
  });
});

describe('a finder of projects', () => {
  it('reads each file once, however many packages are asked for', () => {
    const names = Array.from({ length: 30 }, (_, index) => `p${index}`);
    write({ 'cabal.project': 'packages: */*.cabal' });
    for (const name of names) write({ [`${name}/${name}.cabal`]: library(name) });
    const reads = new Map<string, number>();
    const disk = diskFiles();
    const read = (path: string): string | null => {
      const content = disk.read(path);
      if (content !== null) reads.set(path, (reads.get(path) ?? 0) + 1);
      return content;
    };
    const find = projectFinder(root, { files: { ...disk, read } });
    for (const name of names) expect(find(join(root, name)).packages).toHaveLength(30);
    for (const name of names) expect(reads.get(join(root, name, `${name}.cabal`))).toBe(1);
    // Once to see whether it is there, and twice by the reader, whatever the number of packages.
    expect(reads.get(join(root, 'cabal.project'))).toBeLessThanOrEqual(3);
  });
});

describe('settings of the compiler in project files', () => {
  it('are known with the package that they are for, wherever they stand', () => {
    write({
      'cabal.project':
        'packages: a\nghc-options: -Wall\npackage a\n  ghc-options: -XTemplateHaskell -O2\npackage *\n  extra-include-dirs: inc\n' +
        'if os(linux)\n  package b\n    default-extensions: QuasiQuotes\nprogram-options\n  ghc-options: -F\n',
      'a/a.cabal': library('a'),
    });
    expect(readCabalProject(root).settings).toEqual([
      { package: null, options: ['-Wall'], folders: [], files: [] },
      { package: 'a', options: ['-XTemplateHaskell', '-O2'], folders: [], files: [] },
      { package: null, options: [], folders: ['inc'], files: [] },
      { package: 'b', options: ['QuasiQuotes'], folders: [], files: [] },
      { package: null, options: ['-F'], folders: [], files: [] },
    ]);
  });

  it('are known behind a symbolic link, and what it leads to is one of the files', () => {
    write({ 'cabal.project': 'packages: a', 'ci/frozen': 'constraints: any.text ==1\n', 'a/a.cabal': library('a') });
    symlinkSync('ci/frozen', join(root, 'cabal.project.freeze'));
    expect(readCabalProject(root).files).toContain(join(root, 'ci/frozen'));
  });
});

describe('the closure of packages', () => {
  it('follows production dependencies of dependencies, tests of the named ones only, and ends on a circle', () => {
    write({
      'cabal.project': 'packages: */*.cabal',
      'app/app.cabal': `${library('app', 'base, mid')}test-suite t\n  build-depends: testing, app\n`,
      'mid/mid.cabal': `${library('mid', 'base, low')}test-suite t\n  build-depends: unneeded\n`,
      'low/low.cabal': library('low', 'mid'),
      'testing/testing.cabal': library('testing'),
      'unneeded/unneeded.cabal': library('unneeded'),
    });
    const { packages } = readCabalProject(root);
    expect(packageClosure(packages, ['app']).map((pkg) => pkg.name)).toEqual(['app', 'low', 'mid', 'testing']);
    expect(packageClosure(packages, ['app'], 'production').map((pkg) => pkg.name)).toEqual(['app', 'low', 'mid']);
  });
});
