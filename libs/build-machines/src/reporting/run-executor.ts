import { formatError } from './report-error.js';

/** Signals by which Nx, a terminal or a service manager asks a task to end. */
const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The abort reason when a signal ended the task. */
export class InterruptedError extends Error {
  constructor(readonly signal: NodeJS.Signals) {
    super(`interrupted by ${signal}`);
    this.name = 'InterruptedError';
  }
}

/** One Ctrl-C may arrive twice, from the terminal and from a parent that passes it on; milliseconds. */
const ONE_WISH = 1500;

/**
 * An abort signal that is raised by Ctrl-C and its kin, until released. A second Ctrl-C ends the process at once, with the
 * status that shells give to an interrupted command. No other signal does: after a Ctrl-C, Nx sends its tasks SIGTERM,
 * seconds later where the computer is busy, and then gives them time to clean up.
 */
export function abortOnSignals(): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController();
  let firstAt = 0;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (controller.signal.aborted) {
      if (signal === 'SIGINT' && Date.now() - firstAt > ONE_WISH) process.exit(130);
      return;
    }
    firstAt = Date.now();
    controller.abort(new InterruptedError(signal));
  };
  for (const signal of endingSignals) process.on(signal, onSignal);
  const forgetParent = endWithParent();
  const release = (): void => {
    forgetParent();
    for (const signal of endingSignals) process.off(signal, onSignal);
  };
  return { signal: controller.signal, release };
}

/**
 * Ends this process when the Nx that forked it for a task was killed: nobody reads its output any more, yet it would go
 * on to follow its run and to renew its lease. The run on the machine is left: the same task attaches to it.
 */
function endWithParent(): () => void {
  if (!process.connected) return () => undefined;
  const end = (): void => {
    process.exit(1);
  };
  process.on('disconnect', end);
  return () => process.off('disconnect', end);
}

/**
 * Runs the body of an executor: gives it a signal that aborts on Ctrl-C, prints errors in the one way, and never lets
 * one escape as a stack trace.
 * @returns what Nx expects of an executor.
 */
export async function runExecutor(body: (signal: AbortSignal) => Promise<boolean>): Promise<{ success: boolean }> {
  const { signal, release } = abortOnSignals();
  try {
    return { success: await body(signal) };
  } catch (error) {
    if (!(error instanceof InterruptedError)) process.stderr.write(formatError(error));
    return { success: false };
  } finally {
    release();
  }
}
