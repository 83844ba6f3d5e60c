import { errorBlocks } from './error-blocks.js';
import type { PackageOutcome } from './package-outcome.js';
import { readLine } from './output-lines.js';
import { type ReadOutput, readOutput } from './read-output.js';
import { isInterrupted, linesAbout, spanOf } from './split-log.js';
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
export function readTaskResults(run: FinishedRun, read = readOutput(run.output)): Map<string, PackageOutcome> {
  const facts = gatherFacts(read);
  const outcomes = new Map<string, PackageOutcome>();
  for (const name of run.packages) {
    const status = run.succeeded ? 'succeeded' : statusAfterFailure(name, run.kind, facts);
    const log = run.packages.length === 1 ? run.output : logOf(name, status, read, facts);
    const ended = log === '' || log.endsWith('\n') ? log : `${log}\n`;
    outcomes.set(name, { status, log: ended, span: spanOf(read.speakers, name) });
  }
  return outcomes;
}

/**
 * The part of the log about one package. No error may be missing in that of a package that failed: where its own lines
 * show none, or may be mixed with those of others, it is the complete output, and errors that are certainly nobody
 * else's follow its own.
 */
export function logOf(
  name: string,
  status: PackageOutcome['status'],
  read: ReadOutput,
  facts: Pick<Facts, 'accountUnderstood' | 'failed'> = gatherFacts(read),
): string {
  const own = linesAbout(name, read.lines, read.speakers);
  if (status === 'succeeded') return own.join('\n');
  if (status === 'skipped') return read.speakers.includes(name) ? own.join('\n') : '';
  const inRun = read.account.some((entry) => entry.package === name && entry.inRun);
  const mixed = inRun && isInterrupted(name, read.speakers);
  const silent = !errorBlocks(own).some(({ lines: [first = ''] }) => !/^(?:cabal: |Error: )/.test(first));
  if (!facts.accountUnderstood || mixed || silent) return read.lines.join('\n');
  const elsewhere = read.unattributed.filter(({ first }) => ![name, null].includes(read.speakers[first] ?? null));
  if (elsewhere.length === 0) return own.join('\n');
  const others = elsewhere.flatMap(({ lines }) => [...lines, '']).join('\n');
  return `${own.join('\n').trimEnd()}\n\nThe same run of cabal printed, perhaps about ${name}:\n\n${others}`;
}

interface Facts {
  readonly planned: readonly Unit[];
  readonly begun: readonly Unit[];
  readonly failed: ReadonlySet<string>;
  /** For each name of a test suite, how often it passed: suites of several packages may have one name. */
  readonly passed: ReadonlyMap<string, number>;
  /** Whether there was a final account, and each line of it was understood. */
  readonly accountUnderstood: boolean;
}

function gatherFacts({ lines, account }: ReadOutput): Facts {
  const planned: Unit[] = [];
  const begun: Unit[] = [];
  const passed = new Map<string, number>();
  for (const line of lines) {
    const read = readLine(line);
    if (read.says === 'planned') planned.push(...read.units);
    else if (read.says === 'progress') begun.push(read.unit);
    else if (read.says === 'passed') passed.set(read.suite, (passed.get(read.suite) ?? 0) + 1);
  }
  const understood = account.length > 0 && account.every((entry) => entry.package !== null);
  const failed = new Set(account.flatMap((entry) => entry.package ?? []));
  return { planned, begun, failed, passed, accountUnderstood: understood && planned.length > 0 };
}

function statusAfterFailure(name: string, kind: FinishedRun['kind'], facts: Facts): PackageOutcome['status'] {
  if (facts.failed.has(name) || !facts.accountUnderstood) return 'failed';
  const planned = facts.planned.filter((unit) => unit.package === name);
  if (!planned.every((unit) => wasBegun(unit, facts.begun))) return 'skipped';
  return kind === 'test' && !planned.every((unit) => hasPassed(unit, facts)) ? 'failed' : 'succeeded';
}

/** Of suites with one name, all that may have passed must have: cabal does not say whose a PASS is. */
function hasPassed({ component }: Unit, { planned, begun, failed, passed }: Facts): boolean {
  const suite = /^test:(.+)$/.exec(component ?? '')?.[1];
  if (suite === undefined) return true;
  const same = planned.filter((unit) => unit.component === component && !failed.has(unit.package));
  return (passed.get(suite) ?? 0) >= same.filter((unit) => wasBegun(unit, begun)).length;
}

/** A package that is built as a whole is begun by any line about it. */
function wasBegun(unit: Unit, begun: readonly Unit[]): boolean {
  return begun.some(
    (other) =>
      other.package === unit.package &&
      (unit.component === null || other.component === null || other.component === unit.component),
  );
}
