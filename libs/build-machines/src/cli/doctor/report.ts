import { withInstalledCommands } from '../../reporting/installed-commands.js';
import type { FindingStatus } from './check.js';
import { isHealthy, type ExaminedCheck } from './examine.js';

const signs: Record<FindingStatus, string> = { ok: '✔', warning: '!', missing: '✖', unneeded: '–' };

/** Doctor's report for people: a line per check, and below each that is not in order the fix and the page. */
export function renderReport(report: readonly ExaminedCheck[]): string {
  const width = Math.max(...report.map(({ title }) => title.length));
  const lines = report.flatMap(({ status, title, found, fix, guide }) => [
    `${signs[status]} ${title.padEnd(width)}  ${found.replaceAll('\n', `\n${' '.repeat(width + 4)}`)}`,
    ...(status === 'ok' || status === 'unneeded'
      ? []
      : [...(fix ?? '').split('\n').filter((line) => line !== ''), `see node_modules/build-machines/${guide}`]
    ).map((line) => `${' '.repeat(width + 4)}→ ${line}`),
  ]);
  const missing = report.filter(({ status }) => status === 'missing').length;
  const verdict = isHealthy(report)
    ? hasWorkspace(report)
      ? 'Nothing is missing for the machines of this workspace.'
      : 'Nothing is missing on this computer. There is no workspace here, so no machine was looked at.'
    : `${missing} of ${report.length} checks found something missing.`;
  return withInstalledCommands(`${lines.join('\n')}\n\n${verdict}\n`);
}

/** Only outside of a workspace is that check a warning: definitions that cannot be read are something missing. */
function hasWorkspace(report: readonly ExaminedCheck[]): boolean {
  return !report.some(({ id, status }) => id === 'workspace' && status === 'warning');
}
