import { execFileSync } from 'node:child_process';
import { chmodSync, lstatSync, readdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { filesNamed } from '../support/digests.js';
import { eventually } from '../support/eventually.js';
import { hashedFiles, unhashedOf } from '../support/hash-plans.js';
import { journey } from '../support/journey.js';
import { failed, isCacheHit, succeeded } from '../support/nx-output.js';
import { nx, startNx, writeTree, type NxOptions, type Workspace } from '../support/workspace.js';

const description = (name: string, more = ''): string =>
  `cabal-version: 2.4\nname: ${name}\nversion: 1\nexecutable ${name}\n  main-is: Main.hs\n  hs-source-dirs: app\n  build-depends: base, template-haskell\n  default-language: Haskell2010\n${more}`;
/** A program that says what a file held when it was compiled. */
const reader = (path: string, delay = 0): string =>
  `{-# LANGUAGE TemplateHaskell #-}\nmodule Main (main) where\n\nimport Control.Concurrent\nimport Language.Haskell.TH.Syntax\n\nmain :: IO ()\nmain = putStr $(runIO (threadDelay ${delay} >> readFile ${JSON.stringify(path)}) >>= lift)\n`;
const says = 'module Main (main) where\n\nmain :: IO ()\nmain = putStr "old\\n"\n';
/** Names of packages by their folders, which hold what a glob would read. */
const ODD = { 't+': 'plus', tx: 'plain', '[x]': 'brackets', '{a}': 'braces', '(p)': 'parens', '!n': 'bang' } as const;

const project: Readonly<Record<string, string>> = {
  'cabal.project': 'packages: ./*.cabal packages/*/*.cabal\n',
  // A package at the top of the workspace, with a project of Nx below that it reads from.
  'top.cabal': description('top'),
  'app/Main.hs': reader('web/index.html'),
  'web/index.html': 'old\n',
  'web/app.src.js': 'old\n',
  'web/project.json': JSON.stringify({
    name: 'web',
    targets: {
      build: {
        command: 'mkdir -p web/dist && cp web/app.src.js web/dist/app.js',
        cache: true,
        inputs: ['default'],
        outputs: ['{projectRoot}/dist'],
      },
    },
  }),
  // What another task makes, into a folder that git ignores.
  'packages/embed/embed.cabal': description('embed').replace(
    'executable',
    'extra-source-files: ../../web/dist/*.js\nexecutable',
  ),
  'packages/embed/app/Main.hs': reader('../../web/dist/app.js'),
  'packages/embed/project.json': JSON.stringify({
    name: 'embed',
    implicitDependencies: ['web'],
    targets: {
      'remote-build': { dependsOn: ['web:build'], inputs: ['...', { dependentTasksOutputFiles: '**/*' }] },
    },
  }),
  // A generated source, which git ignores.
  'packages/generated/generated.cabal': description('generated'),
  'packages/generated/app/Main.hs': reader('gen/word.txt'),
  'packages/generated/gen/word.txt': 'old\n',
  // A submodule that tracks a file which the repository around it ignores.
  'packages/sub/sub.cabal': description('sub'),
  'packages/sub/app/Main.hs': reader('dist/word.txt'),
  'packages/sub/dist/word.txt': 'old\n',
  // Links: over a link, to a folder.
  'packages/linked/linked.cabal': description('linked'),
  'packages/linked/app/Main.hs': reader('data/word.txt'),
  'packages/linked/run.sh': '#!/bin/sh\n',
  'shared/v1/word.txt': 'old\n',
  // A header, named the other way.
  'packages/angled/angled.cabal': description('angled', '  include-dirs: .\n'),
  'packages/angled/app/Main.hs':
    '{-# LANGUAGE CPP #-}\nmodule Main (main) where\n\n#include <test/word.h>\n\nmain :: IO ()\nmain = putStr WORD\n',
  'packages/angled/test/word.h': '#define WORD "old\\n"\n',
  'packages/slow/slow.cabal': description('slow'),
  'packages/slow/app/Main.hs': reader('word.txt', 4_000_000),
  'packages/slow/word.txt': 'old\n',
  'packages/blocking/blocking.cabal': description('blocking'),
  'packages/blocking/word.txt': 'x',
  'packages/blocking/app/Main.hs': reader('word.txt'),
  'machines/sandbox/machine.yml': 'name: sandbox\nprovider: sandbox\nslots: 1\n',
  ...Object.fromEntries(
    Object.entries(ODD).flatMap(([folder, name]) => [
      [`packages/${folder}/${name}.cabal`, description(name)],
      [`packages/${folder}/app/Main.hs`, says],
    ]),
  ),
};

const git = (folder: string, ...args: string[]): void => {
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.org'];
  execFileSync('git', [...identity, ...args], { cwd: folder, stdio: 'ignore' });
};

/** The files and links below a folder, but what cabal keeps. */
function treeBelow(folder: string): { files: string[]; links: Record<string, string> } {
  const kind = (path: string) => lstatSync(join(folder, path));
  const all = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const linked = all.filter((path) => kind(path).isSymbolicLink());
  // It looks behind links.
  const isBehind = (path: string): boolean => linked.some((link) => path.startsWith(`${link}/`));
  const entries = all.filter((path) => !/(^|\/)dist-newstyle(\/|$)/.test(path) && !isBehind(path));
  return {
    files: entries.filter((path) => kind(path).isFile()).sort(),
    links: Object.fromEntries(
      entries.flatMap((path) => (kind(path).isSymbolicLink() ? [[path, readlinkSync(join(folder, path))]] : [])),
    ),
  };
}

describe('what a machine gets', () => {
  const workspace = journey({
    prepare: (made) => {
      writeTree(made, project);
      writeTree(made, { '.gitignore': 'node_modules\ndist\ndist-newstyle\n.nx\n.build-machines\ngen/\n' });
      symlinkSync('../../shared/current', join(made.root, 'packages/linked/data'));
      symlinkSync('v1', join(made.root, 'shared/current'));
      chmodSync(join(made.root, 'packages/linked/run.sh'), 0o755);
      git(join(made.root, 'packages/sub'), 'init', '-q');
      git(join(made.root, 'packages/sub'), 'add', '-fA');
      git(join(made.root, 'packages/sub'), 'commit', '-qm', 'x');
      git(made.root, 'config', 'core.excludesFile', join(made.root, 'excluded'));
      writeTree(made, { excluded: 'word.h\n' });
    },
  });
  const run = (target: string, options: NxOptions = {}, ...args: string[]) =>
    nx(workspace(), ['run', target, ...args], options);
  const edit = (files: Readonly<Record<string, string | null>>): void => {
    writeTree(workspace(), files);
  };
  /** The machine's copy of the workspace. */
  const mirror = () => {
    const mirrors = join(workspace().workstation.state, 'sandboxes/sandbox/agent/state/mirrors');
    const [key, ...others] = readdirSync(mirrors);
    expect(others).toEqual([]);
    return treeBelow(join(mirrors, key!, 'tree'));
  };
  /** What a program says that was fetched. */
  const fetched = (name: string): string => {
    const [program] = filesNamed(join(workspace().root, 'dist/remote', name), name);
    return execFileSync(program!, { encoding: 'utf8' });
  };
  const build = async (name: string, options: NxOptions = {}, ...args: string[]) => {
    const ended = succeeded(await run(`${name}:fetch-artifacts`, options, ...args));
    return { hit: isCacheHit(ended, `${name}:remote-build`), says: fetched(name) };
  };

  it.each<readonly [what: string, name: string, links: Readonly<Record<string, string>>]>([
    [
      'a package at the top of the workspace',
      'top',
      { 'packages/linked/data': '../../shared/current', 'shared/current': 'v1' },
    ],
    ['a header in angle brackets, which core.excludesFile names', 'angled', {}],
    ['links over links', 'linked', { 'packages/linked/data': '../../shared/current', 'shared/current': 'v1' }],
    ['what a task has made', 'embed', {}],
    ...Object.entries(ODD).map(([folder, name]) => [`a folder "${folder}"`, name, {}] as const),
  ])('is what Nx hashes, no more and no less: %s', async (_what, name, links) => {
    expect(await build(name)).toMatchObject({ hit: false, says: 'old\n' });
    const task = `${name}:remote-build`;
    const sent = mirror();
    expect(sent).toEqual({ files: hashedFiles(workspace(), task), links });
    const sources = sent.files.filter((file) => !file.startsWith('web/dist/'));
    expect(unhashedOf(workspace(), task, sources)).toEqual([]);
  });

  it('changes the result with where a link leads, and with what may be executed', async () => {
    expect((await build('linked')).hit).toBe(true);
    chmodSync(join(workspace().root, 'packages/linked/run.sh'), 0o644);
    expect((await build('linked')).hit).toBe(false);
    edit({ 'shared/v2/word.txt': 'new\n' });
    rmSync(join(workspace().root, 'shared/current'));
    symlinkSync('v2', join(workspace().root, 'shared/current'));
    expect(await build('linked')).toEqual({ hit: false, says: 'new\n' });
  });

  it('has no file that git ignores, and the failure names it and the line to add', async () => {
    for (const [name, folder] of [
      ['generated', 'packages/generated/gen/'],
      ['sub', 'packages/sub/dist/'],
    ] as const) {
      const { output } = failed(await run(`${name}:remote-build`));
      expect(output).toContain(`is in the workspace, but it is no input of ${name}:remote-build`);
      expect(output).toContain(`Add this line to .nxignore: !${folder}`);
    }
    edit({ '.nxignore': '!packages/generated/gen/\n!packages/sub/dist/\n' });
    for (const [name, file] of [
      ['generated', 'packages/generated/gen/word.txt'],
      ['sub', 'packages/sub/dist/word.txt'],
    ] as const) {
      expect(await build(name)).toEqual({ hit: false, says: 'old\n' });
      edit({ [file]: 'new\n' });
      expect(await build(name)).toEqual({ hit: false, says: 'new\n' });
      expect((await build(name)).hit).toBe(true);
    }
  });

  it.each([true, false])('has what another task has just made, with the daemon: %s', async (daemon) => {
    const word = `made ${String(daemon)}\n`;
    edit({ 'web/app.src.js': word });
    expect(await build('embed', { daemon })).toEqual({ hit: false, says: word });
    expect((await build('embed', { daemon })).hit).toBe(true);
  });

  it('follows cabal.project.local: there, ignored, there again, gone', async () => {
    const local = 'cabal.project.local';
    const isThere = async (): Promise<{ hit: boolean; isThere: boolean }> => {
      const { hit } = await build('plain');
      if (!hit) expect(mirror().files).toEqual(hashedFiles(workspace(), 'plain:remote-build'));
      return { hit, isThere: mirror().files.includes(local) };
    };
    expect((await build('plain')).hit).toBe(false); // .nxignore is an input of everything.
    edit({ [local]: 'package plain\n  ghc-options: -DX\n' });
    expect(await isThere()).toEqual({ hit: false, isThere: true });
    edit({ '.gitignore': `node_modules\ndist\ndist-newstyle\n.nx\n.build-machines\ngen/\n${local}\n` });
    expect(await isThere()).toEqual({ hit: false, isThere: false });
    edit({ '.gitignore': 'node_modules\ndist\ndist-newstyle\n.nx\n.build-machines\ngen/\n# other\n' });
    expect(await isThere()).toEqual({ hit: false, isThere: true });
    edit({ [local]: null });
    expect(await isThere()).toEqual({ hit: false, isThere: false });
  });

  it('refuses a task whose inputs leave out what cabal needs', async () => {
    const inputs = ['{projectRoot}/**/*'];
    edit({ 'packages/tx/project.json': JSON.stringify({ name: 'plain', targets: { 'remote-build': { inputs } } }) });
    const { output } = failed(await run('plain:remote-build'));
    expect(output).toContain('The inputs of plain:remote-build leave out cabal.project');
    edit({ 'packages/tx/project.json': null });
  });

  describe.each([
    ['single tasks, without the daemon', false, false],
    ['a batch, without the daemon', false, true],
    ['single tasks, with the daemon', true, false],
    ['a batch, with the daemon', true, true],
  ])('in %s', (_how, daemon, batch) => {
    const how = `--batch=${String(batch)}`;
    const word = 'packages/slow/word.txt';
    const settled = (text: string): Promise<void> => {
      edit({ [word]: text });
      // The daemon reads what changed a moment later.
      return new Promise((resolve) => setTimeout(resolve, 1_500));
    };

    it('is never kept under the hash of what was there before an edit', async () => {
      const before = `before ${String(daemon)} ${String(batch)}\n`;
      await settled(before);
      // The machine has one place, which another task takes for a while.
      edit({ 'packages/blocking/app/Main.hs': `${reader('word.txt', 8_000_000)}-- ${before}` });
      const blocking = startNx(workspace(), ['run', 'blocking:remote-build'], { daemon });
      await eventually('the place is taken', () => blocking.output().includes('Compiling Main'));
      const waiting = startNx(workspace(), ['run', 'slow:remote-build', how], { daemon });
      await eventually('the task waits', () => /waiting/i.test(waiting.output()));
      edit({ [word]: `between ${before}` });
      const { output } = failed(await waiting.ended);
      expect(output).toContain('The sources of slow:remote-build changed while the task waited');
      expect(output).toContain(`The files that were written last: ${word}`);
      succeeded(await blocking.ended);
      await settled(before);
      expect(await build('slow', { daemon }, how)).toEqual({ hit: false, says: before });
    });

    it('is kept under the hash of what was sent, when the edit comes while it is compiled', async () => {
      const before = `sent ${String(daemon)} ${String(batch)}\n`;
      await settled(before);
      const building = startNx(workspace(), ['run', 'slow:remote-build', how], { daemon });
      await eventually('it compiles', () => building.output().includes('Compiling Main'), 60_000);
      edit({ [word]: 'later\n' });
      succeeded(await building.ended);
      await settled(before);
      expect(await build('slow', { daemon }, how)).toEqual({ hit: true, says: before });
    });
  });
});
