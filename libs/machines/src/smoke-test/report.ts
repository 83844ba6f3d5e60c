import type { LayerResult } from './run-layers.js';

const MARKS = { passed: '✔', failed: '✖', skipped: '–' } as const;

/** One line for a layer, and for a failed one a second with the fix. */
export function layerLines(result: LayerResult): string[] {
  const head = `${MARKS[result.status]} ${result.title}`;
  switch (result.status) {
    case 'passed':
      return [`${head}: ${result.found} (${duration(result.ms)})`];
    case 'failed':
      return [`${head}: ${result.problem} (${duration(result.ms)})`, `    fix: ${result.fix}`];
    case 'skipped':
      return [`${head}: not checked, because "${result.because}" failed`];
  }
}

/** The last line of a report. */
export function summaryLine(results: readonly LayerResult[]): string {
  const count = (status: LayerResult['status']): number => results.filter((result) => result.status === status).length;
  const failed = count('failed');
  return failed === 0
    ? `all ${results.length} layers work`
    : `${failed} of ${results.length} layers failed, ${count('skipped')} not checked`;
}

function duration(ms: number): string {
  return ms < 1_000 ? `${ms} ms` : `${(ms / 1_000).toFixed(1)} s`;
}
