import { stripVTControlCharacters } from 'node:util';
import { readLine } from './output-lines.js';
import type { PackageOutcome } from './package-outcome.js';
import { spanOf, speakersOf, splitLog } from './split-log.js';
import type { Unit } from './unit.js';

/** A finished run of cabal on behalf of one or several packages. */
export interface FinishedRun {
  /** What it wrote to stdout and stderr, in the order of arrival. */
  readonly output: string;
  /** Whether it exited with 0. */
  readonly succeeded: boolean;
  /** Names of the packages that it was asked for. */
  readonly packages: readonly string[];
  /** What it was to do. After `test`, success of a package takes a PASS of each of its suites. */
  readonly kind: 'build' | 'test' | 'bench' | 'haddock';
}

/**
 * Decides how each package of a run fared, and which part of the log is its own.
 *
 * After a failure, a package counts as succeeded on proof only: cabal's final account is there and understood, does not
 * name the package, and everything that the overview planned for it was begun (with `--keep-going`, all that does not
 * depend on what failed is done before that account is given). Anything else, such as a plan that could not be made or
 * a run that was cut off, fails all packages.
 */
export function readTaskResults(run: FinishedRun): Map<string, PackageOutcome> {
  const lines = stripVTControlCharacters(run.output).split(/\r?\n/);
  const facts = gatherFacts(lines);
  const speakers = speakersOf(lines);
  const outcomes = new Map<string, PackageOutcome>();
  for (const name of run.packages) {
    const status = run.succeeded ? 'succeeded' : statusAfterFailure(name, run.kind, facts);
    const log =
      run.packages.length === 1 ? run.output : splitLog(lines, speakers, name, { whole: status !== 'succeeded' });
    const ended = log === '' || log.endsWith('\n') ? log : `${log}\n`;
    outcomes.set(name, { status, log: ended, span: spanOf(speakers, name) });
  }
  return outcomes;
}

interface Facts {
  readonly planned: readonly Unit[];
  readonly begun: readonly Unit[];
  readonly failed: ReadonlySet<string>;
  /** Names of test suites that passed. */
  readonly passed: ReadonlySet<string>;
  /** Whether there was a final account, and each line of it was understood. */
  readonly accountUnderstood: boolean;
}

function gatherFacts(lines: readonly string[]): Facts {
  const planned: Unit[] = [];
  const begun: Unit[] = [];
  const failed = new Set<string>();
  const passed = new Set<string>();
  let understood = true;
  for (const line of lines) {
    const read = readLine(line);
    if (read.says === 'planned') planned.push(...read.units);
    else if (read.says === 'progress') begun.push(read.unit);
    else if (read.says === 'passed') passed.add(read.suite);
    else if (read.says === 'failure' && read.package === null) understood = false;
    else if (read.says === 'failure' && read.package !== null) failed.add(read.package);
  }
  return { planned, begun, failed, passed, accountUnderstood: understood && failed.size > 0 && planned.length > 0 };
}

function statusAfterFailure(name: string, kind: FinishedRun['kind'], facts: Facts): PackageOutcome['status'] {
  if (facts.failed.has(name) || !facts.accountUnderstood) return 'failed';
  const planned = facts.planned.filter((unit) => unit.package === name);
  if (!planned.every((unit) => wasBegun(unit, facts.begun))) return 'skipped';
  const suites = planned.flatMap((unit) => /^test:(.+)$/.exec(unit.component ?? '')?.[1] ?? []);
  return kind === 'test' && !suites.every((suite) => facts.passed.has(suite)) ? 'failed' : 'succeeded';
}

/** A package that is built as a whole is begun by any line about it. */
function wasBegun(unit: Unit, begun: readonly Unit[]): boolean {
  return begun.some(
    (other) =>
      other.package === unit.package &&
      (unit.component === null || other.component === null || other.component === unit.component),
  );
}
