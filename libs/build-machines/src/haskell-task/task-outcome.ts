import { type FailureText, failureText } from '@build-machines/haskell';
import type { ArtifactManifest, RunResult } from '@build-machines/protocol';
import { formatError } from '../reporting/report-error.js';
import { InterruptedError } from '../reporting/run-executor.js';
import type { CabalTask } from './task-groups.js';

/** When the first and the last line about a task came, in milliseconds since the epoch. */
export interface TaskTime {
  readonly start: number;
  readonly end: number;
}

/** A task that did what it was to do. */
export interface TaskSuccess {
  readonly status: 'success';
  readonly taskId: string;
  readonly task: CabalTask;
  readonly log: string;
  /** Null for a task that ran alone, whose time is that of the run: cabal does not say what one package of several takes. */
  readonly time: TaskTime | null;
  readonly result: RunResult;
  /** The machine that it ran on. */
  readonly machine: string;
  /** What the task's own packages left. */
  readonly artifacts: ArtifactManifest;
}

/** A task that did not. What a package that it needs failed with is its failure too: Nx hides why a task was skipped. */
export interface TaskFailure {
  readonly status: 'failure';
  readonly taskId: string;
  /** Everything that a reader needs; the output of the run is part of it. */
  readonly text: FailureText;
  readonly time: TaskTime | null;
  /** What came between: then nothing of `text` has been printed yet. */
  readonly error?: Error;
}

/** How one task ended. See docs/decisions/0062-no-task-is-skipped.md. */
export type TaskOutcome = TaskSuccess | TaskFailure;

/** The failure of a task that an error brought to its end. @param output what was printed before. */
export function failedBy(taskId: string, error: unknown, output?: string): TaskFailure {
  const text = error instanceof InterruptedError ? `Cancelled: ${error.message}.` : formatError(error);
  const thrown = error instanceof Error ? error : new Error(String(error));
  return { status: 'failure', taskId, text: failureText(output, text), time: null, error: thrown };
}
