import { BuildMachinesError } from '@build-machines/protocol';
import { withInstalledCommands } from './installed-commands.js';
import { refusalOf } from './system-error.js';

/**
 * Formats an error for people: what happened and what to do next for the kinds that a user can mend, everything there
 * is for the others, which are defects of ours.
 */
export function formatError(error: unknown): string {
  if (error instanceof BuildMachinesError) {
    const hint = error.hint === '' ? '' : `\n${indent(error.hint, '  → ', '    ')}`;
    return withInstalledCommands(`\n✖ ${error.message} [${error.code}]${hint}\n`);
  }
  const refusal = refusalOf(error);
  if (refusal !== undefined) return formatError(refusal);
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `\n✖ build-machines failed in a way that it does not know:\n${indent(detail, '    ', '    ')}\n  → This is a defect of build-machines; please report it with the lines above.\n`;
}

function indent(text: string, first: string, rest: string): string {
  return text
    .split('\n')
    .map((line, index) => (index === 0 ? first : rest) + line)
    .join('\n');
}
