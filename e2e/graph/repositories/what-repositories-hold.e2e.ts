import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { debianSource } from '../../support/debian-sources.js';
import { journey } from '../../support/journey.js';
import { isCacheHit, succeeded } from '../../support/nx-output.js';
import type { Files } from '../../support/small-project.js';
import { copyInto, nx, writeTree } from '../../support/workspace.js';
import { library, program, wordModule } from './small-packages.js';

/** Three packages that hpack describes with `!include`, `<<` and `defaults`, one of them in a folder above. */
const hpack: Files = {
  'hp/cabal.project': 'packages: ./*/*.cabal\n',
  'hp/common/shared.yaml': 'version: 0.3.0\ndependencies:\n- base\nghc-options: -Wall\n',
  'hp/common/with-lib.yaml': 'dependencies:\n- hp-lib\ndefaults: {local: deep/language.yaml}\n',
  'hp/common/deep/language.yaml': 'cpp-options: -DWORD="one"\nlanguage: Haskell2010\n',
  'hp/lib/package.yaml': 'name: hp-lib\n<<: !include "../common/shared.yaml"\nlibrary:\n  source-dirs: src\n',
  'hp/lib/src/HpLib.hs': wordModule('hp-lib', 'lib-1'),
  'hp/app/package.yaml':
    'name: hp-app\n<<: !include "../common/shared.yaml"\ndefaults:\n- local: ../common/with-lib.yaml\nexecutables:\n  hp-app: {source-dirs: app, main: Main.hs}\n',
  'hp/app/app/Main.hs':
    '{-# LANGUAGE CPP #-}\nmodule Main (main) where\n\nimport HpLib\n\nmain :: IO ()\nmain = putStrLn (hpLib ++ " " ++ WORD)\n',
};

/** Archives, folders of headers and programs that a cabal.project names, a package behind a link, one beside the project. */
const cabal: Files = {
  'cb/cabal.project':
    '-- What cabal reads besides packages.\r\npackages:\r\n\tapp\r\n\tlinked\r\n\tvend/*.tar.gz\r\n  , ../beside\r\npackage cb-app\r\n  extra-include-dirs: ../inc\r\n  extra-prog-path: ../tools\r\n',
  'cb/app/cb-app.cabal':
    'cabal-version: 2.4\nname: cb-app\nversion: 0.1\nexecutable cb-app\n  hs-source-dirs: app\n  main-is: Main.hs\n  other-modules: Made\n  build-tools: alex\n  build-depends: base, vended, real-lib, beside\n  default-language: Haskell2010\n',
  'cb/app/app/Main.hs':
    '{-# LANGUAGE CPP #-}\nmodule Main (main) where\n\nimport Beside\nimport Made\nimport RealLib\nimport Vended\n\n#include "word.h"\n\nmain :: IO ()\nmain = putStrLn (unwords [vended, realLib, beside, WORD, made])\n',
  'cb/app/app/Made.x': 'The tool does not read this.\n',
  'cb/inc/word.h': '#define WORD "header-1"\n',
  ...library('real/lib', 'real-lib', 'linked-1'),
  ...library('beside', 'beside', 'beside-1'),
};
const tool = (word: string): string =>
  `#!/bin/sh\nif [ "$1" = --version ]; then echo "Alex version 3.2.6, (c) 2003"; exit; fi\nwhile [ $# -gt 0 ]; do if [ "$1" = -o ]; then out=$2; fi; shift; done\nprintf 'module Made where\\nmade :: String\\nmade = "${word}"\\n' > "$out"\n`;

const stack: Files = {
  'st/stack.yaml':
    'resolver: lts-19.33\npackages:\n- app\nextra-deps:\n- ./vendor/tiny\n- acme-missiles-0.3@sha256:2ba66a,613\nflags: {}\n',
  ...program('st/app', 'st-app', ['tiny']),
  ...library('st/vendor/tiny', 'tiny', 'tiny-1'),
};

/** Packages of one name in several projects, one of which is given another. */
const twins: Files = {
  'one/cabal.project': 'packages: util\n',
  ...library('one/util', 'util', 'of-one'),
  'two/cabal.project': 'packages: util\n',
  ...library('two/util', 'util', 'of-two'),
  'two/util/project.json': '{"name":"util-of-two"}',
  'three/cabal.project': 'packages: util app\n',
  ...library('three/util', 'util', 'of-three'),
  ...program('three/app', 'three', ['util']),
};

/** A repository with a project file of its own, below another. */
const vendored: Files = {
  'vd/cabal.project': 'packages: app vendor/*/*.cabal\n',
  ...program('vd/app', 'vd-app', ['vd-one']),
  'vd/vendor/one/cabal.project': 'packages: .\n',
  'vd/vendor/one/vd-one.cabal':
    'cabal-version: 2.4\nname: vd-one\nversion: 0.1\nlibrary\n  hs-source-dirs: src\n  exposed-modules: VdOne\n  build-depends: base, vd-two\n  default-language: Haskell2010\n',
  'vd/vendor/one/src/VdOne.hs':
    'module VdOne (vdOne) where\n\nimport VdTwo\n\nvdOne :: String\nvdOne = "over " ++ vdTwo\n',
  ...library('vd/vendor/two', 'vd-two', 'new'),
};

describe('what repositories hold', () => {
  const workspace = journey({
    prepare: (made) => {
      writeTree(made, {
        ...hpack,
        ...cabal,
        ...stack,
        ...twins,
        ...vendored,
        'web/package.yaml': 'name: web\nversion: 1.0.0\nscripts:\n  build: vite\n',
      });
      writeTree(made, { '.gitignore': 'node_modules\ndist\ndist-newstyle\n.nx\n.build-machines\nhp/*/*.cabal\n' });
      symlinkSync('../real/lib', join(made.root, 'cb/linked'));
      writeTool('tool-1', made);
      archive('vended-1', made);
    },
  });

  function writeTool(word: string, made = workspace()): void {
    writeTree(made, { 'cb/tools/alex': tool(word) });
    chmodSync(join(made.root, 'cb/tools/alex'), 0o755);
  }

  /** Makes a source archive as `cabal sdist` does, of a package that is nowhere else. */
  function archive(word: string, made = workspace()): void {
    writeTree(made, library('cb/vend/vended-0.1', 'vended', word));
    execFileSync('tar', ['-czf', 'vended-0.1.tar.gz', 'vended-0.1'], { cwd: join(made.root, 'cb/vend') });
    writeTree(made, { 'cb/vend/vended-0.1': null });
  }

  /** Builds and brings a program, and runs it. */
  async function says(project: string, expectHit = false, daemon = false): Promise<string> {
    const task = `${project}:fetch-artifacts`;
    const ended = succeeded(await nx(workspace(), ['run', task], { daemon }));
    expect(isCacheHit(ended, task)).toBe(expectHit);
    const folder = join(workspace().root, 'dist/remote', project);
    const [file] = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
      (entry) => entry.isFile() && entry.name === project,
    );
    if (file === undefined) throw new Error(`${folder} holds no program ${project}:\n${ended.output}`);
    return execFileSync(join(file.parentPath, file.name), { encoding: 'utf8' }).trim();
  }

  it('is a project each, by name, and no package of pnpm is one', async () => {
    const { stdout } = succeeded(await nx(workspace(), ['show', 'projects']));
    expect(stdout.trim().split('\n').sort()).toEqual(
      [
        ...['hp-app', 'hp-lib', 'cb-app', 'real-lib', 'beside', 'st-app', 'tiny', 'sandbox'],
        ...['util', 'util-of-two', 'three/util', 'three', 'vd-app', 'vd-one', 'vd-two'],
      ].sort(),
    );
  });

  it('is what hpack includes and takes for defaults', async () => {
    expect(await says('hp-app')).toBe('lib-1 one');
    expect(await says('hp-app', true)).toBe('lib-1 one');
    writeTree(workspace(), { 'hp/common/deep/language.yaml': 'cpp-options: -DWORD="two"\nlanguage: Haskell2010\n' });
    expect(await says('hp-app')).toBe('lib-1 two');
    writeTree(workspace(), { 'hp/lib/src/HpLib.hs': wordModule('hp-lib', 'lib-2') });
    expect(await says('hp-app')).toBe('lib-2 two');
  });

  it('is archives, headers, tools and packages behind links and beside the project', async () => {
    const words = ['vended-1', 'linked-1', 'beside-1', 'header-1', 'tool-1'];
    expect(await says('cb-app')).toBe(words.join(' '));
    const changes: (() => void)[] = [
      () => {
        archive('vended-2');
      },
      () => {
        writeTree(workspace(), { 'real/lib/src/RealLib.hs': wordModule('real-lib', 'linked-2') });
      },
      () => {
        writeTree(workspace(), { 'beside/src/Beside.hs': wordModule('beside', 'beside-2') });
      },
      () => {
        writeTree(workspace(), { 'cb/inc/word.h': '#define WORD "header-2"\n' });
      },
    ];
    for (const [index, change] of changes.entries()) {
      change();
      words[index] = words[index]!.replace('-1', '-2');
      expect(await says('cb-app')).toBe(words.join(' '));
    }
    expect(await says('cb-app', true)).toBe(words.join(' '));
  });

  it('is a link that leads elsewhere', async () => {
    copyInto(workspace(), join(workspace().root, 'real'), 'real2');
    writeTree(workspace(), { 'real2/lib/src/RealLib.hs': wordModule('real-lib', 'linked-3') });
    rmSync(join(workspace().root, 'cb/linked'));
    symlinkSync('../real2/lib', join(workspace().root, 'cb/linked'));
    expect(await says('cb-app')).toContain('linked-3');
  });

  it("is stack's local extra-deps", async () => {
    expect(await says('st-app')).toBe('tiny-1');
    writeTree(workspace(), { 'st/vendor/tiny/src/Tiny.hs': wordModule('tiny', 'tiny-2') });
    expect(await says('st-app')).toBe('tiny-2');
  });

  it('is packages of one name, each in its own project', async () => {
    expect(await says('three')).toBe('of-three');
    writeTree(workspace(), { 'three/util/src/Util.hs': wordModule('util', 'of-three-2') });
    expect(await says('three')).toBe('of-three-2');
    for (const project of ['util', 'util-of-two', 'three/util'])
      succeeded(await nx(workspace(), ['run', `${project}:remote-build`]));
  });

  it('is a vendored repository with a project file of its own, which the outer project builds', async () => {
    expect(await says('vd-app')).toBe('over new');
    writeTree(workspace(), { 'vd/vendor/two/src/VdTwo.hs': wordModule('vd-two', 'newer') });
    succeeded(await nx(workspace(), ['run', 'vd-two:remote-build']));
    expect(await says('vd-app')).toBe('over newer');
  });

  it('is a package.yaml that says more than the *.cabal that hpack once made of it', async () => {
    const { root } = workspace();
    writeTree(workspace(), {
      'stale/package.yaml': 'name: stale\nversion: 0.1.0\ndependencies: base\nexecutables:\n  stale: {main: Main.hs}\n',
      'stale/Main.hs': 'module Main (main) where\n\nmain :: IO ()\nmain = putStrLn "fresh"\n',
    });
    execFileSync('hpack', ['--silent'], { cwd: join(root, 'stale'), stdio: 'pipe' });
    copyFileSync(join(root, 'stale/stale.cabal'), join(root, 'stale/kept'));
    expect(await says('stale')).toBe('fresh');
    writeTree(workspace(), {
      'stale/package.yaml':
        'name: stale\nversion: 0.1.0\ndependencies: base\nexecutables:\n  stale: {main: Main.hs, cpp-options: -DWORD="defined"}\n',
      'stale/Main.hs': '{-# LANGUAGE CPP #-}\nmodule Main (main) where\n\nmain :: IO ()\nmain = putStrLn WORD\n',
    });
    expect(await says('stale')).toBe('defined');
    expect(readFileSync(join(root, 'stale/stale.cabal'), 'utf8')).toBe(readFileSync(join(root, 'stale/kept'), 'utf8'));
  });

  it('is the source of cabal-install, whose fixtures are no projects', async () => {
    writeTree(workspace(), { 'pk/cabal.project': 'packages: */*.cabal\n', ...library('pk/small', 'small', 'one') });
    copyInto(workspace(), debianSource('haskell-cabal-install'), 'pk/cabal-install');
    const { stdout, stderr } = succeeded(await nx(workspace(), ['show', 'projects']));
    expect(stderr).toBe('');
    const added = stdout.split('\n').filter((name) => /^pk\/|^(p|q|small|cabal-install)$/.test(name));
    expect(added.sort()).toEqual(['cabal-install', 'small']);
  });
});
