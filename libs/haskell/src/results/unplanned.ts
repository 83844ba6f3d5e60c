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
  return lines.every((line) => readLine(line).says === 'other') && readAccount(lines).length === 0;
}

/** A dependency without which the solver found no plan, in cabal's words: `unknown package: x (dependency of p *test)`. */
const DEPENDENCY_OF = /\(dependency of ([\w-]*?)(?:-\d+(?:\.\d+)*)?(?: \*(?:test|bench))?\)/g;

/**
 * A line for a task that cabal has no plan for because of packages that the task does not need.
 * @param isOther whether a package is one of the workspace that the task does not need
 * @returns undefined where cabal names no such package
 */
export function unplannedOthers(output: string, isOther: (packageName: string) => boolean): string | undefined {
  const named = [...output.matchAll(DEPENDENCY_OF)].map(([, name = '']) => name);
  const others = [...new Set(named)].filter(isOther);
  if (others.length === 0) return undefined;
  const names = others.join(' and ');
  return `cabal plans all packages of a project together, and has no plan for ${names}. Correct the dependencies of ${names}, or remove it from "packages" in cabal.project.`;
}
