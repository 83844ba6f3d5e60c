import { stripVTControlCharacters } from 'node:util';
import { readAccount } from './failure-account.js';
import { readLine } from './output-lines.js';

/**
 * Whether a run of cabal that failed ended before anything was built, by its output: no plan is shown, no unit was begun,
 * and there is no account of what failed. One package among those that it was asked for may be the reason: its
 * dependencies cannot be had, or it has none of the components that were asked for.
 */
export function endedBeforeBuilding(output: string): boolean {
  const lines = stripVTControlCharacters(output).split(/\r?\n/);
  return !lines.map(readLine).some(({ says }) => BUILDING.has(says)) && readAccount(lines).length === 0;
}

const BUILDING: ReadonlySet<ReturnType<typeof readLine>['says']> = new Set([
  'planned',
  'progress',
  'compiles',
  'mention',
  'passed',
]);
