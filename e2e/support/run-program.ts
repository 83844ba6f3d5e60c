import { spawn, type ChildProcess } from 'node:child_process';

/** How a program ended. */
export interface Ended {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** stdout and stderr in the order of arrival, without terminal colours. */
  readonly output: string;
  readonly stdout: string;
  readonly stderr: string;
  /** From start to end, in milliseconds. */
  readonly duration: number;
}

/** What a program is started with. */
export interface ProgramOptions {
  readonly cwd: string;
  readonly env: Record<string, string>;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  /** What the program reads; `null` leaves its input open, for {@link Running.type}. Default: nothing. */
  readonly stdin?: string | null | undefined;
  /** Milliseconds after which the program's whole group is killed; default: 600,000, for computers that are busy. */
  readonly limit?: number | undefined;
}

/** A program that runs. */
export interface Running {
  readonly pid: number;
  /** What it has written so far. */
  output(): string;
  /** Writes to its input, where that was left open. */
  type(text: string): void;
  /** Sends a signal to its process group, as a terminal does on Ctrl-C. */
  signalGroup(signal: NodeJS.Signals): void;
  /** Sends a signal to the program alone. */
  signal(signal: NodeJS.Signals): void;
  readonly ended: Promise<Ended>;
}

/** Starts a program in a process group of its own. Nothing passes through a shell. */
export function startProgram(file: string, args: readonly string[], options: ProgramOptions): Running {
  const started = Date.now();
  const child = spawn(file, args, {
    cwd: options.cwd,
    env: options.env,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.gid }),
  });
  const pid = child.pid;
  if (pid === undefined) throw new Error(`${file} could not be started in ${options.cwd}`);
  const text = { output: '', stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (chunk: string) => {
      text[stream] += chunk;
      text.output += chunk;
    });
  }
  child.stdin.on('error', () => undefined); // A program may end without having read its input.
  if (options.stdin !== null) child.stdin.end(options.stdin ?? '');
  const killer = setTimeout(() => {
    signalGroup(child, 'SIGKILL');
  }, options.limit ?? 600_000);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode, signal) => {
      clearTimeout(killer);
      const plain = (written: string): string => written.replaceAll(terminalCodes, '');
      resolve({
        exitCode,
        signal,
        output: plain(text.output),
        stdout: plain(text.stdout),
        stderr: plain(text.stderr),
        duration: Date.now() - started,
      });
    });
  });
  return {
    pid,
    output: () => text.output,
    type: (typed) => {
      child.stdin.write(typed);
    },
    signalGroup: (signal) => {
      signalGroup(child, signal);
    },
    signal: (signal) => {
      child.kill(signal);
    },
    ended,
  };
}

/** Runs a program to its end. */
export function runProgram(file: string, args: readonly string[], options: ProgramOptions): Promise<Ended> {
  return startProgram(file, args, options).ended;
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error; // ended meanwhile
  }
}

/** Colours and cursor movements (ECMA-48 control sequences). */
const terminalCodes = /\x1b\[[0-9;?]*[ -/]*[@-~]/g;
