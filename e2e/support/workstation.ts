import { chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { eventually } from './eventually.js';
import { freePorts, isFree, type PortPlan } from './free-ports.js';
import { processesOf, type RunningProcess } from './processes.js';

/** A user of the computer, other than the one who runs the tests. Only root can act as one. */
export interface OtherUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * One user's computer, as build-machines sees it: a home folder, a state folder, ports, an environment. Several of them
 * live side by side on the computer that runs the tests and share nothing.
 */
export interface Workstation {
  /** Everything of this workstation is below it, and every process that it started can be told by it. */
  readonly root: string;
  readonly home: string;
  /** `BUILD_MACHINES_HOME`. */
  readonly state: string;
  readonly ports: PortPlan;
  readonly user: OtherUser | undefined;
  readonly env: Record<string, string>;
}

/** Makes a workstation. Its path is short: a Unix socket's path is limited to 107 bytes. */
export async function makeWorkstation(user?: OtherUser): Promise<Workstation> {
  const root = mkdtempSync(join(tmpdir(), 'bm-'));
  const home = join(root, 'h');
  const state = join(root, 's');
  for (const folder of [home, state]) mkdirSync(folder, { mode: 0o700 });
  if (user !== undefined) for (const folder of [root, home, state]) chownSync(folder, user.uid, user.gid);
  const name = user?.name ?? userInfo().username;
  return {
    root,
    home,
    state,
    ports: await freePorts(),
    user,
    env: {
      PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin`,
      HOME: home,
      USER: name,
      LOGNAME: name,
      LANG: 'C.UTF-8',
      TERM: 'dumb',
      NO_COLOR: '1',
      BUILD_MACHINES_HOME: state,
      NX_DAEMON: 'false',
      NX_TUI: 'false',
      NX_NO_CLOUD: 'true',
    },
  };
}

/**
 * Removes a workstation, after it was shut down.
 * @throws Error that lists the processes (ended hereby) and ports that the shutdown left behind.
 */
export async function removeWorkstation(workstation: Workstation): Promise<void> {
  const left = await leftovers(workstation);
  for (const { pid } of left) process.kill(pid, 'SIGKILL');
  const { relay, last } = workstation.ports;
  const taken: number[] = [];
  for (let port = relay; port <= last; port++) if (!(await isFree(port))) taken.push(port);
  rmSync(workstation.root, { recursive: true, force: true });
  if (left.length > 0 || taken.length > 0)
    throw new Error(
      `left running: ${left.map(({ pid, command }) => `\n  ${pid} ${command}`).join('')}\nports still taken: ${taken.join(', ')}`,
    );
}

/** What still runs a little after everything was told to end. */
async function leftovers(workstation: Workstation): Promise<RunningProcess[]> {
  try {
    await eventually('all processes have ended', () => processesOf(workstation.root).length === 0, 10_000);
    return [];
  } catch {
    return processesOf(workstation.root); // Reported by the caller, with their command lines.
  }
}
