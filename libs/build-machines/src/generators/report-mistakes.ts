import { BuildMachinesError } from '@build-machines/protocol';

/**
 * Runs a generator's body and gives user mistakes the form that Nx prints whole: Nx shows the first line of an error's
 * message as title and the others below it, and knows nothing of hints.
 */
export async function reportMistakes<T>(body: () => T | Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    if (!(error instanceof BuildMachinesError)) throw error;
    const report = new Error(`${error.message} [${error.code}]${error.hint === '' ? '' : `\n${error.hint}`}`, {
      cause: error,
    });
    // Nx proposes --verbose for errors with a stack; for a user's mistake there is nothing to see there.
    report.stack = '';
    throw report;
  }
}
