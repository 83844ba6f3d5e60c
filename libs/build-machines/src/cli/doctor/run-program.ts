import { execa } from 'execa';

/** What a program printed, and its exit status. */
export interface ProgramOutput {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | undefined;
}

/** How long a program may take to say its version; VBoxManage.exe under WSL2 has the longest start. Milliseconds. */
const PATIENCE_MS = 15_000;

/**
 * Runs a program without a shell, with nothing on its standard input. A program that does not start, or hangs, counts as
 * absent.
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<ProgramOutput | undefined> {
  const result = await execa(program, [...args], {
    reject: false,
    stdin: 'ignore',
    timeout: PATIENCE_MS,
    cancelSignal: signal,
    env: { LC_ALL: 'C.UTF-8' },
  });
  signal.throwIfAborted();
  if (result.exitCode === undefined) return undefined;
  return { stdout: result.stdout, stderr: result.stderr, exitCode: result.exitCode };
}
