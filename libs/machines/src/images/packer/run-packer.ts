import { createInterface } from 'node:readline';
import { randomUUID } from 'node:crypto';
import { execa } from 'execa';
import { endProcesses } from '../../processes/end-processes.js';
import { processesWithEnvironment } from '../../processes/find-processes.js';
import { readBuildProgress, type BuildProgress } from './build-progress.js';
import { ImageBuildCancelledError } from './errors.js';
import { parsePackerLine } from './machine-readable.js';

/**
 * How long Packer may take to stop its VM and remove its files after SIGINT, in milliseconds. A VM that is only a process
 * can be ended without it: what was asked to end within 5 s, as Nx asks of its tasks, then still removes the files.
 */
const CANCEL_GRACE_MS = { registered: 60_000, process: 1_500 };

/** How long what is left of a build may take to end after SIGTERM, in milliseconds. */
const LEFTOVER_GRACE_MS = 1_000;

/** Marks every process of one build, so that what a killed Packer left behind can be found. */
const MARK = 'BUILD_MACHINES_IMAGE_BUILD';

export interface RunPackerOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** What the VM is to this computer: an entry in VirtualBox's list, or a process. */
  readonly vm: 'registered' | 'process';
  readonly onProgress?: (progress: BuildProgress) => void;
  readonly signal?: AbortSignal;
}

/** How a `packer build` ended. */
export interface PackerOutcome {
  readonly exitCode: number;
  /** The last lines that were not progress of Packer's own, newest last. */
  readonly lastLines: readonly string[];
  /** Packer's complaints. */
  readonly errors: readonly string[];
}

/** Lines kept for an error message. */
const KEPT_LINES = 30;

/**
 * Runs `packer build -machine-readable`. Cancelled, it sends one SIGINT (a second one would make Packer leave without
 * cleaning up), waits, and ends whatever of the build still runs.
 * @throws ImageBuildCancelledError
 */
export async function runPacker(options: RunPackerOptions): Promise<PackerOutcome> {
  const { command, args, cwd, env, vm, onProgress, signal } = options;
  signal?.throwIfAborted();
  const mark = randomUUID();
  const packer = execa(command, args, {
    cwd,
    env: { ...env, [MARK]: mark },
    extendEnv: false,
    stdin: 'ignore',
    reject: false,
    buffer: false,
    // Its own group: a Ctrl-C at the terminal reaches it through us, once, and not a second time by the terminal.
    detached: true,
  });
  const endAll = () => endProcesses(processesWithEnvironment(MARK, mark), { graceMs: LEFTOVER_GRACE_MS });
  let overdue: NodeJS.Timeout | undefined;
  const cancel = (): void => {
    packer.kill('SIGINT');
    // All of it: whatever still holds Packer's output would be read from without end.
    overdue = setTimeout(() => void endAll(), CANCEL_GRACE_MS[vm]);
  };
  signal?.addEventListener('abort', cancel, { once: true });
  const lastLines: string[] = [];
  const errors: string[] = [];
  try {
    const reading = [packer.stdout, packer.stderr].map(async (stream) => {
      for await (const line of createInterface({ input: stream })) {
        for (const progress of progressOf(line)) {
          onProgress?.(progress);
          if (progress.kind === 'error') errors.push(progress.text);
          if (progress.kind !== 'stage') lastLines.push(progress.text);
          if (lastLines.length > KEPT_LINES) lastLines.shift();
        }
      }
    });
    const [result] = await Promise.all([packer, ...reading]);
    if (signal?.aborted === true) throw new ImageBuildCancelledError();
    if (result.exitCode === undefined) lastLines.push(result.shortMessage ?? 'Packer was killed');
    return { exitCode: result.exitCode ?? 1, lastLines, errors };
  } finally {
    signal?.removeEventListener('abort', cancel);
    clearTimeout(overdue);
    await endAll();
  }
}

function progressOf(line: string): readonly BuildProgress[] {
  const event = parsePackerLine(line);
  if (event) return readBuildProgress(event);
  return line.trim() === '' ? [] : [{ kind: 'line', text: line }];
}
