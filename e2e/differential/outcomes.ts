import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { failedTasks } from '../support/nx-output.js';
import { nx, type Workspace } from '../support/workspace.js';
import type { Cluster, Compared } from './cluster.js';
import type { Way } from './ways.js';

/** What became of a package. */
export interface Outcome {
  /** What its executables print, by name; why there are none where it does not build. */
  readonly says: Readonly<Record<string, string>> | 'does not build';
  readonly tests?: 'pass' | 'fail';
}

export type Outcomes = Record<string, Outcome>;

/** Builds a cluster with cabal alone, in a clean clone of the workspace, and says what became of each package. */
export function byPlainCabal({ root, workstation }: Workspace, cluster: Cluster): Outcomes {
  const clone = join(workstation.root, 'clone');
  const git = (...args: string[]): void => {
    const identity = ['-c', 'user.name=t', '-c', 'user.email=t@localhost', '-c', 'protocol.file.allow=always'];
    execFileSync('git', [...identity, ...args], { cwd: root, stdio: 'ignore' });
  };
  git('add', '--all');
  git('commit', '--quiet', '--allow-empty', '-m', 'an edit');
  rmSync(clone, { recursive: true, force: true });
  git('clone', '--quiet', ...(cluster.folder === 'sub' ? ['--recurse-submodules'] : []), root, clone);
  cluster.generate?.(clone);
  const home = join(workstation.root, 'plain');
  mkdirSync(home, { recursive: true });
  // Without a package index, cabal needs a configuration that names no repository.
  writeFileSync(join(home, 'cabal.config'), '');
  const env = { ...workstation.env, HOME: home, CABAL_CONFIG: join(home, 'cabal.config') };
  const folder = join(clone, cluster.folder);
  const run = (...argv: string[]): boolean =>
    spawnSync(argv[0]!, argv.slice(1), { cwd: folder, env, stdio: 'ignore' }).status === 0;
  if (cluster.folder === 'hp') for (const name of ['lib', 'app']) run('hpack', '--force', name);
  const all = run('cabal', 'build', '--offline', 'all');
  return Object.fromEntries(
    cluster.packages.map((pkg): [string, Outcome] => {
      const name = pkg.cabalName ?? pkg.project;
      const built = all || run('cabal', 'build', '--offline', name);
      const says = built ? sayings(pkg, (exe) => builtProgram(folder, name, exe)) : 'does not build';
      if (pkg.tests !== true) return [pkg.project, { says }];
      return [pkg.project, { says, tests: run('cabal', 'test', '--offline', `${name}:tests`) ? 'pass' : 'fail' }];
    }),
  );
}

/** Asks Nx for the artifacts and tests of a cluster, and says what became of each package. */
export async function byNx(
  workspace: Workspace,
  cluster: Cluster,
  way: Way,
  remoteCache: Record<string, string>,
): Promise<{ outcomes: Outcomes; output: string }> {
  const projects = cluster.packages.map(({ project }) => project);
  const ask = () =>
    nx(
      workspace,
      ['run-many', '-t', 'fetch-artifacts', 'remote-test', '-p', projects.join(','), ...(way.args ?? [])],
      way.options(remoteCache),
    );
  await way.prepare?.(workspace);
  let ended = await ask();
  if (way.twice === true) {
    await way.prepare?.(workspace);
    ended = await ask();
  }
  const failed = new Set(failedTasks(ended));
  // A command that failed as a whole names no tasks: then nothing of it counts as built.
  const broken = ended.exitCode !== 0 && failed.size === 0;
  const outcomes = Object.fromEntries(
    cluster.packages.map((pkg): [string, Outcome] => {
      const { project } = pkg;
      const fails = (target: string): boolean => broken || failed.has(`${project}:${target}`);
      const built = !fails('remote-build') && !fails('fetch-artifacts');
      const folder = join(workspace.root, 'dist/remote', project, 'bin');
      const says = built ? sayings(pkg, (exe) => join(folder, exe)) : 'does not build';
      if (pkg.tests !== true) return [project, { says }];
      return [project, { says, tests: fails('remote-test') ? 'fail' : 'pass' }];
    }),
  );
  return { outcomes, output: ended.output };
}

function sayings({ executables = [] }: Compared, program: (exe: string) => string): Record<string, string> {
  return Object.fromEntries(
    executables.map((exe) => {
      const file = program(exe);
      return [exe, existsSync(file) ? execFileSync(file, { encoding: 'utf8' }) : 'is not there'];
    }),
  );
}

function builtProgram(folder: string, name: string, exe: string): string {
  const found = execFileSync('find', ['dist-newstyle/build', '-type', 'f', '-path', `*/${name}-1/*/${exe}/${exe}`], {
    cwd: folder,
    encoding: 'utf8',
  });
  return join(folder, found.trim().split('\n')[0] ?? exe);
}
