import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { isErrno } from '../durable/errno.js';
import { claimSession } from './claim-session.js';

/** Signals that reach only us, not the terminal's foreground group, and that the command must get. */
const FORWARDED: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGHUP'];

/** Signals that a terminal sends to the command as well; we outlive them to tell how it ended. */
const IGNORED: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT'];

/** How often to look whether sshd is still there, and how long a command gets to end by itself then; milliseconds. */
const LOOK_EVERY = 2_000;
const GRACE = 5_000;

/**
 * Runs a prepared session with our own standard streams, which are the terminal or the pipes that sshd gave us. Ends it
 * when sshd, our parent, is gone: a lost connection takes a terminal's processes with it, and those on pipes not.
 * @returns its exit status, 128+n when signal n ended it.
 */
export async function runSession(sessionId: string, socket: string, stderr: NodeJS.WritableStream): Promise<number> {
  const { command, release } = await claimSession(sessionId, socket);
  // The terminal belongs to this connection and is not part of the prepared environment.
  const terminal = process.env['TERM'] === undefined ? {} : { TERM: process.env['TERM'] };
  const run = (argv: readonly string[]): Promise<number> =>
    runWithOurStreams(argv, { cwd: command.cwd, env: { ...command.env, ...terminal } }, stderr);
  try {
    for (const argv of command.prepare) {
      const status = await run(argv);
      if (status !== 0) return status;
    }
  } finally {
    release();
  }
  return run(command.argv);
}

async function runWithOurStreams(
  argv: readonly string[],
  where: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
  stderr: NodeJS.WritableStream,
): Promise<number> {
  const [file, ...args] = argv;
  if (file === undefined) return 0;
  const onTerminal = process.stdin.isTTY;
  // On a terminal the command must be of the foreground group; on pipes it leads a group, to be ended with its children.
  const child = spawn(file, args, { ...where, stdio: 'inherit', detached: !onTerminal });
  const forward = (signal: NodeJS.Signals): void => {
    if (onTerminal || child.pid === undefined) child.kill(signal);
    else signalGroup(child.pid, signal);
  };
  const ignore = (): void => undefined;
  for (const signal of FORWARDED) process.on(signal, forward);
  for (const signal of IGNORED) process.on(signal, onTerminal ? ignore : forward);
  const unwatch = whenOrphaned(forward);
  try {
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
  } catch (error) {
    stderr.write(
      `[build-machines] ${file} could not be started: ${error instanceof Error ? error.message : String(error)}\n`,
    );
    return 127;
  } finally {
    unwatch();
    for (const signal of FORWARDED) process.off(signal, forward);
    for (const signal of IGNORED) process.off(signal, ignore).off(signal, forward);
  }
}

function signalGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal);
  } catch (error) {
    if (!isErrno(error, 'ESRCH')) throw error; // Ended meanwhile.
  }
}

/** Ends the command, first kindly, when our parent is another one than before. @returns ends the watch. */
function whenOrphaned(end: (signal: NodeJS.Signals) => void): () => void {
  const parent = process.ppid;
  let killing: NodeJS.Timeout | undefined;
  const looking = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(looking);
    end('SIGTERM');
    killing = setTimeout(() => {
      end('SIGKILL');
    }, GRACE);
  }, LOOK_EVERY);
  return () => {
    clearInterval(looking);
    clearTimeout(killing);
  };
}
