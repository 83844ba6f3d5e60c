import { execa } from 'execa';
import type { VBoxAnswer } from '../parse/explain-failure.js';
import { cleanOutput } from './clean-output.js';

export interface CallOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Runs a program to its end and returns what it said; throws only when it could not be started or was cancelled. */
export async function call(program: string, args: readonly string[], options: CallOptions = {}): Promise<VBoxAnswer> {
  const { cwd, env, signal } = options;
  const result = await execa(program, args, { cwd, env, stdin: 'ignore', reject: false, cancelSignal: signal });
  signal?.throwIfAborted();
  // Neither a status nor a signal: it never ran. The code is the system's, such as ENOENT.
  if (result.exitCode === undefined && result.signal === undefined)
    throw Object.assign(new Error(result.shortMessage, { cause: result.cause }), { code: result.code });
  return {
    // As a shell would tell it: 128 for a program that a signal ended.
    exitCode: result.exitCode ?? 128,
    stdout: cleanOutput(result.stdout),
    stderr: result.stderr.replaceAll('\r', ''),
  };
}
