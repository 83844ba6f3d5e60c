import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';

/** A program with all that it is started with. */
export interface DaemonProgram {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** Starts its arguments in the background and ends. They reach the program as they are: the script never changes. */
const START_AND_LEAVE = '"$0" "$@" &';

/**
 * Starts a program that shall outlive this process and whoever started it, as a daemon does: in a session of its own, and
 * as nobody's child. A detached child would still be found by those who end process trees, such as Nx at the end of a
 * batch.
 * @returns the process in between, which ends at once with status 0 when the program was started; its IPC channel, where
 * `stdio` asks for one, is the program's.
 */
export function spawnDaemon({ command, args, env, cwd }: DaemonProgram, stdio: StdioOptions): ChildProcess {
  return spawn('/bin/sh', ['-c', START_AND_LEAVE, command, ...args], { env, cwd, detached: true, stdio });
}
