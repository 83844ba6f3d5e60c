import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { builtFile, repository } from './repository.js';
import { runProgram, startProgram, type Ended, type Running } from './run-program.js';
import type { Workstation } from './workstation.js';

/** An Nx workspace of a user's, on a workstation. */
export interface Workspace {
  readonly workstation: Workstation;
  readonly root: string;
}

/** Variations of one Nx command. */
export interface NxOptions {
  readonly daemon?: boolean;
  readonly env?: Record<string, string>;
  readonly stdin?: string;
  readonly limit?: number;
}

/**
 * Makes a git repository with Nx and the plugin in it, and one sandbox machine per name. The packages are linked from
 * the repository under test, as `npm link` would: what runs is the built plugin.
 */
export function makeWorkspace(
  workstation: Workstation,
  machines: readonly string[] = ['sandbox'],
  name = 'w',
): Workspace {
  builtFile('plugin.cjs');
  const root = join(workstation.root, name);
  const workspace = { workstation, root };
  mkdirSync(root);
  symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'));
  const { ports } = workstation;
  const lines = machines.map((machine, index) => `  ${machine}: ${ports.first + index}\n`);
  writeTree(workspace, {
    'package.json': JSON.stringify({ name, version: '0.0.0', private: true, dependencies: { 'build-machines': '*' } }),
    'nx.json': JSON.stringify({ plugins: ['build-machines'], analytics: false, neverConnectToCloud: true }),
    '.gitignore': 'node_modules\ndist\ndist-newstyle\n.nx\n.build-machines\n',
    'port-registry.yml':
      `range:\n  first: ${ports.first}\n  last: ${ports.last}\n` +
      `services:\n  relay: ${ports.relay}\n  hub: ${ports.hub}\nmachines:\n${lines.join('')}`,
  });
  for (const machine of machines)
    writeTree(workspace, { [`machines/${machine}/machine.yml`]: `name: ${machine}\nprovider: sandbox\n` });
  execFileSync('git', ['init', '--quiet', root], { stdio: 'ignore' });
  giveToUser(workspace);
  return workspace;
}

/** Writes files, with the folders above them; `null` removes what is there. */
export function writeTree(workspace: Workspace, files: Readonly<Record<string, string | Buffer | null>>): void {
  for (const [path, content] of Object.entries(files)) {
    const file = join(workspace.root, path);
    if (content === null) rmSync(file, { recursive: true, force: true });
    else {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
    }
  }
}

/** Copies a folder or file into a workspace. */
export function copyInto(workspace: Workspace, from: string, to: string): void {
  cpSync(from, join(workspace.root, to), { recursive: true, verbatimSymlinks: true });
  giveToUser(workspace);
}

/** Makes the workspace belong to the workstation's user, where that is another one. */
export function giveToUser({ workstation: { user }, root }: Workspace): void {
  if (user === undefined) return;
  execFileSync('chown', ['-R', '-h', `${user.uid}:${user.gid}`, root]);
  chmodSync(root, 0o755);
}

/** The program behind `npx nx`. */
export function nxScript(workspace: Workspace): string {
  return join(workspace.root, 'node_modules/.bin/nx');
}

/** Starts `nx` in a workspace. */
export function startNx(workspace: Workspace, args: readonly string[], options: NxOptions = {}): Running {
  return start(workspace, nxScript(workspace), args, options);
}

/** Runs `nx` in a workspace to its end. */
export function nx(workspace: Workspace, args: readonly string[], options: NxOptions = {}): Promise<Ended> {
  return startNx(workspace, args, options).ended;
}

/** Runs the plugin's own command line, `npx build-machines …`. */
export function buildMachines(workspace: Workspace, args: readonly string[], options: NxOptions = {}): Promise<Ended> {
  return start(workspace, builtFile('cli.cjs'), args, options).ended;
}

function start({ workstation, root }: Workspace, script: string, args: readonly string[], options: NxOptions): Running {
  return startProgram(process.execPath, [script, ...args], {
    cwd: root,
    env: { ...workstation.env, ...nxProcesses(options.daemon ?? false), ...options.env },
    uid: workstation.user?.uid,
    gid: workstation.user?.gid,
    stdin: options.stdin,
    limit: options.limit,
  });
}

/**
 * With its daemon, Nx loads each plugin in a process of its own, as it does by default. Without it, all are loaded in
 * the one process: four processes fewer for each command, a third of its time.
 */
function nxProcesses(daemon: boolean): Record<string, string> {
  return { NX_DAEMON: String(daemon), NX_ISOLATE_PLUGINS: String(daemon) };
}

/** Runs any other program in a folder of a workspace, as its user. */
export function runIn(
  workspace: Workspace,
  folder: string,
  file: string,
  args: readonly string[],
  stdin?: string,
): Promise<Ended> {
  return runProgram(file, args, {
    cwd: join(workspace.root, folder),
    env: workspace.workstation.env,
    uid: workspace.workstation.user?.uid,
    gid: workspace.workstation.user?.gid,
    stdin,
  });
}
