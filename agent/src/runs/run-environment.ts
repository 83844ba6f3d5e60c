import { join } from 'node:path';
import { RUN_COOKIE } from '../processes/run-processes.js';

/** Folders of a plain Debian or Ubuntu PATH. */
const SYSTEM_PATH = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

export interface Account {
  readonly home: string;
  readonly user: string;
}

/** PATH of runs and of the search for tools, without the folder of the chosen toolchain. */
export function searchPath(home: string, further: readonly string[]): string[] {
  const own = ['.local/bin', '.cabal/bin', '.ghcup/bin'].map((folder) => join(home, folder));
  return [...further, ...own, ...SYSTEM_PATH];
}

/**
 * The clean environment of a run: nothing of the agent's own environment, then the command's, but the toolchain's folder
 * always comes first in PATH, since that is what makes a run use exactly the compiler that its identity names.
 */
export function runEnvironment(
  account: Account,
  run: { path: readonly string[]; toolchainBin: string; temporaryFolder: string; cookie: string },
  commandEnv: Readonly<Record<string, string>>,
): NodeJS.ProcessEnv {
  return {
    HOME: account.home,
    USER: account.user,
    LOGNAME: account.user,
    LANG: 'C.UTF-8',
    TMPDIR: run.temporaryFolder,
    ...commandEnv,
    PATH: [run.toolchainBin, commandEnv['PATH'] ?? run.path.join(':')].join(':'),
    [RUN_COOKIE]: run.cookie,
  };
}
