import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { debianSource, requirePackage } from './support/debian-sources.js';
import { contentsOf, filesNamed } from './support/digests.js';
import { journey } from './support/journey.js';
import { runLog } from './support/machine.js';
import { compiledModules, isCacheHit, succeeded } from './support/nx-output.js';
import { copyInto, giveToUser, nx, runIn, writeTree, type Workspace } from './support/workspace.js';

/** Projects that others wrote, by the name of their Debian source package. */
const projects = {
  hscolour: { source: 'hscolour', has: 'an executable and a library' },
  dlist: { source: 'haskell-dlist', has: 'a test suite that uses QuickCheck' },
  hashable: { source: 'haskell-hashable', has: 'C code' },
};
const names = Object.keys(projects) as (keyof typeof projects)[];

/** Debian has no test-framework-quickcheck2, which the tests of hashable need: asked for all tests, cabal finds no plan. */
const cabalProject = `packages: ${names.join(' ')}\n\npackage dlist\n  tests: True\n\npackage hashable\n  tests: False\n`;

/** The folder of a plain local build of the same sources. */
const localFolder = (workspace: Workspace): string => join(workspace.workstation.root, 'local');

/** Builds the same sources with cabal alone, offline, in a folder of its own. */
function buildLocally(workspace: Workspace): string {
  const folder = localFolder(workspace);
  mkdirSync(folder);
  for (const name of names) execFileSync('cp', ['-a', debianSource(projects[name].source), join(folder, name)]);
  writeFileSync(join(folder, 'cabal.project'), cabalProject);
  // Without a package index, cabal needs a configuration that names no repository.
  const config = join(workspace.workstation.root, 'cabal.config');
  writeFileSync(config, '');
  const env = { ...workspace.workstation.env, CABAL_CONFIG: config };
  return execFileSync('cabal', ['build', '--offline', ...names], { cwd: folder, env, encoding: 'utf8' });
}

/** The components that a build registered or linked, from cabal's own plan. */
function components(distNewstyle: string): string[] {
  const plan = JSON.parse(readFileSync(join(distNewstyle, 'cache/plan.json'), 'utf8')) as {
    'install-plan': { style?: string; 'pkg-name': string; 'component-name'?: string }[];
  };
  return plan['install-plan']
    .filter(({ style }) => style === 'local')
    .map((unit) => `${unit['pkg-name']} ${unit['component-name'] ?? 'package'}`)
    .sort();
}

/** The mirror's dist-newstyle, on the sandbox machine. */
function mirroredBuild(workspace: Workspace): string {
  const found = execFileSync(
    'find',
    [workspace.workstation.state, '-type', 'd', '-name', 'dist-newstyle', '-not', '-path', '*/dist-newstyle/*'],
    { encoding: 'utf8' },
  ).trim();
  expect(found.split('\n')).toHaveLength(1);
  return found;
}

describe('projects that others wrote', () => {
  let localOutput = '';
  const workspace = journey({
    prepare: (made) => {
      requirePackage('libghc-quickcheck2-dev');
      for (const name of names) copyInto(made, debianSource(projects[name].source), name);
      writeTree(made, { 'cabal.project': cabalProject });
      giveToUser(made);
      localOutput = buildLocally(made);
    },
  });

  it('are build targets without a word of configuration', async () => {
    const shown = succeeded(await nx(workspace(), ['show', 'projects', '--with-target', 'remote-build']));
    expect(shown.stdout.trim().split('\n').sort()).toEqual([...names].sort());
  });

  it('build on the machine: the same components and modules as with cabal alone', async () => {
    succeeded(await nx(workspace(), ['run-many', '-t', 'remote-build', '-p', names.join(',')]));
    // Nx prints the output of a batch only where something failed; each task's log has its own part.
    const compiled = names.flatMap((name) => compiledModules(runLog(workspace(), name, 'remote-build')));
    expect([...new Set(compiled)].sort()).toEqual(compiledModules(localOutput).sort());
    expect(components(mirroredBuild(workspace()))).toEqual(components(join(localFolder(workspace()), 'dist-newstyle')));
  });

  it('leave their sources as they were', () => {
    for (const name of names) {
      expect(contentsOf(join(workspace().root, name))).toEqual(contentsOf(debianSource(projects[name].source)));
    }
  });

  it('pass their own tests on the machine', async () => {
    const tested = succeeded(await nx(workspace(), ['run', 'dlist:remote-test']));
    expect(tested.output).toMatch(/Test suite test: PASS/);
  });

  it('give a program that does the same here as the local one', async () => {
    succeeded(await nx(workspace(), ['run', 'hscolour:fetch-artifacts']));
    const [fetched] = filesNamed(join(workspace().root, 'dist/remote/hscolour'), 'HsColour');
    const local = execFileSync('find', [localFolder(workspace()), '-name', 'HsColour', '-type', 'f', '-perm', '-100'], {
      encoding: 'utf8',
    }).trim();
    const source = join(workspace().root, 'hscolour/HsColour.hs');
    for (const format of ['-css', '-tty', '-latex', '-mirc', '-anchor']) {
      const [here, there] = await Promise.all(
        [local, fetched!].map((program) => runIn(workspace(), '.', program, [format, source])),
      );
      expect(there).toMatchObject({ exitCode: 0, stdout: here!.stdout });
      expect(there!.stdout.length).toBeGreaterThan(1000);
    }
    // The path of the build folder is the only thing that may differ; sections of code and constants may not.
    expect(codeOf(workspace(), fetched!)).toEqual(codeOf(workspace(), local));
  });

  it('are cached: a second build and test do nothing', async () => {
    const again = succeeded(
      await nx(workspace(), ['run-many', '-t', 'remote-build', '-p', names.join(','), '--outputStyle=static']),
    );
    for (const name of names) expect(isCacheHit(again, `${name}:remote-build`)).toBe(true);
  });
});

/** The machine code of a program, as bytes in hexadecimal. */
function codeOf(workspace: Workspace, program: string): string {
  const copy = join(workspace.workstation.root, 'code');
  copyFileSync(program, copy);
  execFileSync('objcopy', ['--output-target=binary', '--only-section=.text', copy]);
  if (!existsSync(copy))
    throw new Error(`objcopy left nothing in ${readdirSync(workspace.workstation.root).join(' ')}`);
  return readFileSync(copy).toString('hex');
}
