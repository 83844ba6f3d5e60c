import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { journey } from '../../support/journey.js';
import { failed, failedTasks, outputOf, succeeded } from '../../support/nx-output.js';
import { buildMachines, nx, writeTree, type NxOptions } from '../../support/workspace.js';
import { library, libraryCabal } from './small-packages.js';

const frontend = {
  'js/project.json': JSON.stringify({ name: 'frontend', targets: { build: { command: 'echo built-js' } } }),
};

describe('a broken file', () => {
  const workspace = journey({
    prepare: (made) => {
      writeTree(made, {
        ...frontend,
        'cabal.project': 'packages: whole needs half yaml ../outside\n',
        ...library('whole', 'whole', 'one'),
        ...library('needs', 'needs', 'two', ['half']),
        ...library('half', 'half', 'three'),
        'yaml/package.yaml': 'name: yaml\nlibrary: {source-dirs: src, dependencies: base}\n',
        'yaml/src/Yaml.hs': 'module Yaml where\n',
        ...library('needs-outside', 'needs-outside', 'five', ['outer']),
        ...library('hello', 'hello', 'six'),
      });
      writeTree({ ...made, root: made.workstation.root }, library('outside', 'outer', 'four'));
    },
  });
  const run = (args: string[], options?: NxOptions) => nx(workspace(), args, options);
  const build = (...projects: string[]) => run(['run-many', '-t', 'remote-build', '-p', projects.join(',')]);

  /** Nothing of others' packages is heard in what everybody does. */
  async function expectUndisturbed(): Promise<void> {
    for (const daemon of [false, true]) {
      const shown = succeeded(await run(['show', 'projects'], { daemon }));
      expect(shown.stderr).toBe('');
      expect(shown.stdout.split('\n')).toEqual(expect.arrayContaining(['frontend', 'whole', 'needs', 'half', 'yaml']));
      const built = succeeded(await run(['run', 'frontend:build', '--skip-nx-cache'], { daemon }));
      expect(built.output).toContain('built-js');
      expect(built.output).not.toMatch(/\.cabal|\.ya?ml|build-machines/);
    }
  }

  it('of a package stops what needs it, which says file, line and fix, and nothing else', async () => {
    writeTree(workspace(), {
      'half/half.cabal': 'name: half\nlibrary\n  exposed-modules: Half\n  build-depends: base, ->\n',
      'yaml/package.yaml': 'name: yaml\nlibrary: *nope\n',
    });
    await expectUndisturbed();
    const ended = failed(await build('whole', 'needs', 'half', 'yaml', 'hello'));
    expect(failedTasks(ended)).toEqual(['half:remote-build', 'needs:remote-build', 'yaml:remote-build']);
    for (const task of ['half', 'needs'])
      expect(outputOf(ended, `${task}:remote-build`)).toMatch(
        /half\.cabal:4: "->" is not a dependency[^]*→ Write dependencies/,
      );
    expect(outputOf(ended, 'yaml:remote-build')).toMatch(/package\.yaml:2: there is no anchor "&nope"/);
    expect(ended.output).not.toMatch(/^\s+at /m);
  });

  it('is a problem that its project and doctor show', async () => {
    const shown = JSON.parse(succeeded(await run(['show', 'project', 'half', '--json'])).stdout) as {
      metadata: object;
    };
    expect(JSON.stringify(shown.metadata)).toContain('half.cabal:4');
    const { output } = await buildMachines(workspace(), ['doctor']);
    expect(output).toMatch(/half\.cabal:4/);
    expect(output).toMatch(/package\.yaml:2/);
  });

  it('of a package outside of the workspace stops only what needs that', async () => {
    writeTree(workspace(), {
      'half/half.cabal': libraryCabal('half'),
      'yaml/package.yaml': 'name: yaml\nlibrary: {source-dirs: src, dependencies: base}\n',
      'cabal.project': 'packages: whole needs half yaml needs-outside ../outside\n',
    });
    const ended = failed(await build('whole', 'needs', 'yaml', 'needs-outside'));
    expect(failedTasks(ended)).toEqual(['needs-outside:remote-build']);
    expect(ended.output).toMatch(/cabal\.project:1: "\.\.\/outside" lies outside of the Nx workspace/);
    writeTree(workspace(), { 'cabal.project': 'packages: whole needs half yaml\n' });
  });

  it('of a cabal.project stops its packages, which stay projects', async () => {
    writeTree(workspace(), { 'cabal.project': 'packages: whole needs half yaml\n}\n' });
    await expectUndisturbed();
    const ended = failed(await build('whole', 'half'));
    expect(ended.output).toMatch(/cabal\.project:2: a closing brace/);
    writeTree(workspace(), { 'cabal.project': 'packages: whole needs half yaml z*/*.cabal\n' });
    await expectUndisturbed();
    expect(failed(await build('whole')).output).toMatch(/cabal\.project:1: "z\*\/\*\.cabal" is no package/);
    writeTree(workspace(), { 'cabal.project': 'packages: whole needs half yaml\n' });
  });

  it('of a machine stops only that machine', async () => {
    writeTree(workspace(), { 'machines/bad/machine.yml': 'name: bad\nprovder: sandbox\n' });
    await expectUndisturbed();
    succeeded(await build('whole', 'hello'));
    expect(failed(await run(['run', 'bad:vm-info'])).output).toMatch(/machine\.yml:2:1: unknown key "provder"/);
    writeTree(workspace(), { 'machines/bad': null });
  });

  it('is a submodule that is not checked out, with the command that does, and it works after that', async () => {
    const { root, workstation } = workspace();
    const upstream = join(workstation.root, 'subby');
    writeTree({ ...workspace(), root: upstream }, { ...library('.', 'subby', 'seven') });
    const git = (folder: string, ...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@y', '-c', 'protocol.file.allow=always', ...args], {
        cwd: folder,
        env: { ...process.env, ...workstation.env },
        stdio: 'pipe',
      });
    git(upstream, 'init', '--quiet');
    git(upstream, 'add', '-A');
    git(upstream, 'commit', '--quiet', '-m', 'x');
    git(root, 'submodule', '--quiet', 'add', upstream, 'vendor/subby');
    git(root, 'submodule', '--quiet', 'deinit', '-f', 'vendor/subby');
    writeTree(workspace(), { 'cabal.project': 'packages: whole needs half yaml vendor/subby\n' });
    await expectUndisturbed();
    const ended = failed(await build('whole', 'hello', 'subby'));
    expect(failedTasks(ended)).toEqual(['subby:remote-build', 'whole:remote-build']);
    expect(ended.output).toContain('git submodule update --init vendor/subby');
    git(root, 'submodule', '--quiet', 'update', '--init', 'vendor/subby');
    succeeded(await build('whole', 'subby'));
  });
});
