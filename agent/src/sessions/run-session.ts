import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { claimSession } from './claim-session.js';

/** Signals that reach only us, not the terminal's foreground group, and that the command must get. */
const FORWARDED: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGHUP'];

/** Signals that a terminal sends to the command as well; we outlive them to tell how it ended. */
const IGNORED: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT'];

/**
 * Runs a prepared session with our own standard streams, which are the terminal or the pipes that sshd gave us.
 * @returns its exit status, 128+n when signal n ended it.
 */
export async function runSession(sessionId: string, socket: string, stderr: NodeJS.WritableStream): Promise<number> {
  const { commands, cwd, env } = await claimSession(sessionId, socket);
  // The terminal belongs to this connection and is not part of the prepared environment.
  const terminal = process.env['TERM'] === undefined ? {} : { TERM: process.env['TERM'] };
  let status = 0;
  for (const argv of commands) {
    status = await runInTerminal(argv, cwd, { ...env, ...terminal }, stderr);
    if (status !== 0) return status;
  }
  return status;
}

async function runInTerminal(
  argv: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
  stderr: NodeJS.WritableStream,
): Promise<number> {
  const [file, ...args] = argv;
  if (file === undefined) return 0;
  const child = spawn(file, args, { cwd, env, stdio: 'inherit' });
  const forward = (signal: NodeJS.Signals): void => {
    child.kill(signal);
  };
  const ignore = (): void => undefined;
  for (const signal of FORWARDED) process.on(signal, forward);
  for (const signal of IGNORED) process.on(signal, process.stdin.isTTY ? ignore : forward);
  try {
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
  } catch (error) {
    stderr.write(
      `[build-machines] ${file} could not be started: ${error instanceof Error ? error.message : String(error)}\n`,
    );
    return 127;
  } finally {
    for (const signal of FORWARDED) process.off(signal, forward);
    for (const signal of IGNORED) process.off(signal, ignore).off(signal, forward);
  }
}
