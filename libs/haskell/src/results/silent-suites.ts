import { stripVTControlCharacters } from 'node:util';

/** A suite that fails without a word of its own. */
const SILENT = /^Test suite (\S+): RUNNING\.\.\.\r?\nTest suite \1: FAIL\r?$/gm;

/**
 * A line about test suites that failed and printed nothing: cabal does not tell a program that a signal ended from one
 * that exited with a status. Undefined where there is none.
 */
export function adviceOnSilentSuites(output: string): string | undefined {
  const suites = [...stripVTControlCharacters(output).matchAll(SILENT)].map(([, suite = '']) => suite);
  if (suites.length === 0) return undefined;
  const names = [...new Set(suites)].join(', ');
  return `Nothing was printed by: ${names}. Either it exits with a failure and says nothing, or a signal ended it (SIGSEGV, or SIGKILL for want of memory), which cabal does not report.`;
}
