import { formatError } from './report-error.js';

/** Signals by which Nx, a terminal or a service manager asks a task to end. */
const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs the body of an executor: gives it a signal that aborts on Ctrl-C, prints errors in the one way, and never lets
 * one escape as a stack trace. A second Ctrl-C ends at once.
 * @returns what Nx expects of an executor.
 */
export async function runExecutor(body: (signal: AbortSignal) => Promise<boolean>): Promise<{ success: boolean }> {
  const controller = new AbortController();
  const onSignal = (signal: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort(new InterruptedError(signal));
  };
  for (const signal of endingSignals) process.on(signal, onSignal);
  try {
    return { success: await body(controller.signal) };
  } catch (error) {
    if (!(error instanceof InterruptedError)) process.stderr.write(formatError(error));
    return { success: false };
  } finally {
    for (const signal of endingSignals) process.off(signal, onSignal);
  }
}

/** The abort reason when a signal ended the task. */
export class InterruptedError extends Error {
  constructor(readonly signal: NodeJS.Signals) {
    super(`interrupted by ${signal}`);
    this.name = 'InterruptedError';
  }
}
