import type { BuildMachinesError } from '@build-machines/protocol';
import { withInstalledCommands } from './installed-commands.js';

/**
 * A user's mistake in the form that Nx prints whole: Nx shows the lines of an error's message, knows nothing of hints, and
 * shows or offers the stack of errors that have one, where there is nothing to see for a user.
 */
export function errorForNx(error: BuildMachinesError): Error {
  const text = `${error.message} [${error.code}]${error.hint === '' ? '' : `\n${error.hint}`}`;
  const report = new Error(withInstalledCommands(text), { cause: error });
  report.stack = '';
  return report;
}
