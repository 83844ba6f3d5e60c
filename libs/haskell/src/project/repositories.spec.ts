import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { projectFinder } from './find-cabal-project.js';
import { outsideSources } from './outside-sources.js';
import { readCabalProject } from './read-cabal-project.js';
import { plannablePackages, requireReadable } from './unreadable-packages.js';

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

const library = (name: string, dependencies = 'base') =>
  `cabal-version: 2.4\nname: ${name}\nversion: 1\nlibrary\n  build-depends: ${dependencies}\n`;
const inside = (path: string) => path.replace(`${root}/`, '');
const read = (folder = '.') => readCabalProject(join(root, folder), { workspaceRoot: root });
const problems = (project = read()) => project.problems.map(({ message, hint }) => inside(`${message} ${hint}`));
const broken = (project = read()) => project.broken.map(({ dir, sketch }) => [inside(dir), sketch.name]);
const names = (project = read()) => project.packages.map(({ name }) => name);

describe('a package that is listed and not there', () => {
  it('is broken, and so is the project, as for cabal', () => {
    write({ 'cabal.project': 'packages: a\n  gone/b\n', 'a/a.cabal': library('a') });
    expect(names()).toEqual(['a']);
    expect(broken()).toEqual([['gone/b', 'b']]);
    expect(problems()).toEqual([expect.stringContaining('cabal.project:2: "gone/b" is no package')]);
  });

  it('is one of a submodule that is not checked out, with the command that does', () => {
    write({
      '.gitmodules': '[submodule "s"]\n\tpath = vendor/sub\n\turl = x\n[submodule "t"]\n\tpath = vendor/there\n',
      'cabal.project': 'packages: a vendor/sub/core vendor/there\n',
      'a/a.cabal': library('a'),
      'vendor/there/t.cabal': library('t'),
    });
    mkdirSync(join(root, 'vendor/sub'));
    expect(problems()).toEqual([expect.stringContaining('git submodule update --init vendor/sub')]);
    expect(broken()).toEqual([['vendor/sub/core', 'core']]);
  });

  it('is a submodule that a pattern would match, which stops nobody else', () => {
    write({
      '.gitmodules': '[submodule "s"]\n\tpath = vendor/sub\n',
      'cabal.project': 'packages: vendor/*/*.cabal\n',
      'vendor/t/t.cabal': library('t'),
    });
    mkdirSync(join(root, 'vendor/sub'));
    expect(broken()).toEqual([['vendor/sub', 'sub']]);
    expect(problems()).toEqual([]);
  });

  it('is none where nothing can be named: a word that is no path, a pattern', () => {
    write({ 'cabal.project': 'packages: -- z*/*.cabal\n' });
    expect(broken()).toEqual([]);
    expect(problems()).toHaveLength(2);
  });

  it('is no problem in optional-packages', () => {
    write({ 'cabal.project': 'packages: a\noptional-packages: gone */none.cabal\n', 'a/a.cabal': library('a') });
    expect([broken(), problems()]).toEqual([[], []]);
  });
});

describe('what lies outside of the workspace', () => {
  it('is broken under its own name, and stops nobody else', () => {
    write({ 'ws/cabal.project': 'packages: a ../x\n', 'ws/a/a.cabal': library('a'), 'x/ex.cabal': library('ex') });
    const project = readCabalProject(join(root, 'ws'), { workspaceRoot: join(root, 'ws') });
    expect(broken(project)).toEqual([['x', 'ex']]);
    expect(problems(project)).toEqual([]);
    expect(project.broken[0]?.problem.message).toContain('"../x" lies outside of the Nx workspace');
  });

  it('is not what only lies outside of the project', () => {
    write({ 'hs/cabal.project': 'packages: ../x\n', 'x/x.cabal': library('x') });
    expect(names(read('hs'))).toEqual(['x']);
  });
});

describe('a folder behind a symbolic link', () => {
  it('is where it really is, and the link is known', () => {
    write({ 'cabal.project': 'packages: links/a\n', 'real/a/a.cabal': library('a') });
    mkdirSync(join(root, 'links'));
    symlinkSync('../real/a', join(root, 'links/a'));
    const project = read();
    expect(project.packages.map(({ dir }) => inside(dir))).toEqual(['real/a']);
    expect(project.links.map(inside)).toEqual(['links/a']);
  });

  it('is one package with the folder that it leads to', () => {
    write({ 'cabal.project': 'packages: */*.cabal\n', 'a/a.cabal': library('a') });
    symlinkSync('a', join(root, 'b'));
    expect(names()).toEqual(['a']);
  });

  it('is outside of the workspace where the link leads there', () => {
    write({ 'ws/cabal.project': 'packages: a\n', 'x/x.cabal': library('x') });
    symlinkSync('../x', join(root, 'ws/a'));
    expect(broken(readCabalProject(join(root, 'ws'), { workspaceRoot: join(root, 'ws') }))).toEqual([['x', 'x']]);
  });
});

describe('what a project file lets builds read', () => {
  it('is local archives, also behind a pattern', () => {
    write({ 'cabal.project': 'packages: vend/w-1.tar.gz ./vend/*.tgz\n', 'vend/w-1.tar.gz': '', 'vend/v-2.tgz': '' });
    expect(read().archives.map(inside)).toEqual(['vend/w-1.tar.gz', 'vend/v-2.tgz']);
    expect(read().files.map(inside)).toEqual(expect.arrayContaining(['vend/w-1.tar.gz', 'vend/v-2.tgz']));
    expect(problems()).toEqual([]);
  });

  it('is folders and programs, from the folder of each package that they are for', () => {
    write({
      'cabal.project':
        'packages: a b\nextra-include-dirs: ../inc\npackage b\n  extra-lib-dirs: ../lib\n  extra-prog-path: ../tools\nprogram-locations\n  alex-location: ../bin/alex\n  happy-location: happy\n',
      'a/a.cabal': library('a'),
      'b/b.cabal': library('b'),
    });
    const outside = read().packages.map((pkg) => outsideSources(pkg, root, 'all').map(({ path }) => path));
    expect(outside).toEqual([
      ['bin/alex', 'inc'],
      ['bin/alex', 'inc', 'lib', 'tools'],
    ]);
  });

  it.each(['./vendor/x', 'vendor/x', 'file:///ROOT/vendor/x'])('is no repository in the workspace: %s', (location) => {
    const text = location.replace('/ROOT', root);
    write({ 'cabal.project': `packages: a\nsource-repository-package\n  type: git\n  location: ${text}\n` });
    expect(problems()[0]).toContain('lies in the workspace');
  });

  it.each(['https://github.com/a/b', 'git@github.com:a/b.git', 'file:///srv/git/b.git', 'ssh://h/b'])(
    'may be a repository elsewhere: %s',
    (location) => {
      write({
        'cabal.project': `packages: a\nsource-repository-package\n  location: ${location}\n`,
        'a/a.cabal': library('a'),
      });
      expect(problems()).toEqual([]);
    },
  );
});

describe('hpack', () => {
  const header = '-- This file has been generated from package.yaml by hpack version 0.34.7.\n';
  const needsHpack = () => read().packages.map((pkg) => pkg.needsHpack);

  it('makes a committed *.cabal anew that says something else than the package.yaml', () => {
    write({
      'cabal.project': 'packages: .\n',
      'a.cabal': `${header}${library('a')}`,
      'package.yaml': 'name: a\nversion: "1"\nlibrary: {dependencies: base}\n',
    });
    expect(needsHpack()).toEqual([false]);
    write({ 'package.yaml': 'name: a\nversion: "1"\nlibrary: {dependencies: [base, text]}\n' });
    expect(needsHpack()).toEqual([true]);
    write({ 'a.cabal': library('a') });
    expect(needsHpack()).toEqual([false]);
  });

  it('leaves the *.cabal where it would have to download its defaults', () => {
    write({
      'cabal.project': 'packages: .\n',
      'a.cabal': `${header}${library('a')}`,
      'package.yaml': 'defaults: a/b@v1\n',
    });
    expect(needsHpack()).toEqual([false]);
  });

  it('describes no package of pnpm', () => {
    write({
      'cabal.project': 'packages: */*.cabal\n',
      'a/a.cabal': library('a'),
      'web/package.yaml': 'name: web\nscripts: {}\n',
    });
    expect([names(), problems()]).toEqual([['a'], []]);
  });
});

describe("stack's extra-deps", () => {
  it('are packages where they are on this disk', () => {
    write({
      'stack.yaml':
        'packages: [app]\nextra-deps:\n- ./vendor/tiny\n- acme-missiles-0.3@sha256:2ba,613\n- text-2.0\n- git: https://x/y\n  commit: abc\n- https://x/y.tar.gz\n- archive: vend/w-1.tar.gz\n- git@github.com:a/b\n',
      'app/app.cabal': library('app'),
      'vendor/tiny/tiny.cabal': library('tiny'),
      'vend/w-1.tar.gz': '',
    });
    expect([names(), read().archives.map(inside), problems()]).toEqual([['app', 'tiny'], ['vend/w-1.tar.gz'], []]);
  });
});

describe('the project that builds a package', () => {
  it('is the outermost that lists it, whatever project file a vendored repository brings', () => {
    write({
      'cabal.project': 'packages: vendor/*/*.cabal\n',
      'vendor/lib/cabal.project': 'packages: .\n',
      'vendor/lib/lib.cabal': library('lib'),
    });
    expect(inside(projectFinder(root)(join(root, 'vendor/lib')).dir)).toBe(root);
  });

  it('is the one that the graph has settled, also where that is not above it', () => {
    write({ 'service/cabal.project': 'packages: . ../shared\n', 'shared/shared.cabal': library('shared') });
    write({ 'service/service.cabal': library('service') });
    const find = projectFinder(root);
    expect(find(join(root, 'shared')).kind).toBe('package');
    expect(names(find(join(root, 'shared'), join(root, 'service')))).toEqual(['service', 'shared']);
  });
});

describe('a package that cannot be read', () => {
  const project = {
    'cabal.project': 'packages: */*.cabal\n',
    'bad/bad.cabal': 'name: bad\nlibrary\n  build-depends: ->\n',
    'needs/needs.cabal': library('needs', 'bad'),
    'over/over.cabal': library('over', 'needs'),
    'tests/tests.cabal': `${library('tests')}test-suite t\n  build-depends: bad\n`,
    'free/free.cabal': library('free', 'tests'),
  };
  const refused = (name: string) => () => {
    requireReadable(read(), [join(root, name)]);
  };

  it('stops what needs it, and nothing else', () => {
    write(project);
    for (const name of ['bad', 'needs', 'over', 'tests']) expect(refused(name)).toThrow('bad.cabal:3');
    expect(refused('free')).not.toThrow();
    expect(plannablePackages(read()).map(({ name }) => name)).toEqual(['free', 'tests']);
  });

  it('stops all where imported files may list it', () => {
    write({ ...project, 'cabal.project': 'packages: */*.cabal\nimport: more.project\n', 'more.project': '' });
    expect(refused('free')).toThrow('bad.cabal:3');
  });
});
