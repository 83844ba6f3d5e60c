import { packageOfId } from './unit.js';

/** One entry of cabal's final account: a package that failed, and the lines that say so, counted from 0. */
export interface AccountEntry {
  /** Null: the entry names something that is not understood. */
  readonly package: string | null;
  /** Whether it was built, and what failed is its tests or benchmarks. */
  readonly inRun: boolean;
  readonly first: number;
  readonly last: number;
}

/**
 * The start of an entry. cabal breaks its lines at 79 columns, so what failed may stand on the line after the verb; the
 * verb itself always begins a line.
 */
const ENTRY =
  /^(?:cabal(?:\.exe)?: |Error: (?:\[Cabal-\d+\]\s*)?(?:cabal: )?)?(Failed to build documentation for|Failed to (?:build|download|unpack)|(?:Tests|Benchmarks|Haddocks|Repl) failed for)\s+((?:\S+\s+(?:from|in)\s+)?\S+)/gm;

/** Reads which packages failed, from what cabal prints at the end. Empty where there is no account. */
export function readAccount(lines: readonly string[]): AccountEntry[] {
  const text = lines.join('\n');
  return [...text.matchAll(ENTRY)].map((match) => {
    const first = lineOf(text, match.index);
    const named = lineOf(text, match.index + match[0].length);
    const inRun = /^(?:Tests|Benchmarks)/.test(match[1] ?? '');
    return { package: packageIn(match[2] ?? ''), inRun, first, last: endOf(lines, named) };
  });
}

/** The packages of which something could not be built. */
export function failedToBuild(account: readonly AccountEntry[]): ReadonlySet<string> {
  return new Set(account.flatMap((entry) => (entry.inRun ? [] : (entry.package ?? []))));
}

/** The package in `core-0.1.` or `test:spec from core-0.1`. */
function packageIn(text: string): string | null {
  const id = text.split(/\s+/).at(-1) ?? '';
  return packageOfId(id.replace(/[.:,]+$/, '')) ?? null;
}

function lineOf(text: string, index: number): number {
  return text.slice(0, index).split('\n').length - 1;
}

/** An entry goes on until an empty line, or the next one. */
function endOf(lines: readonly string[], from: number): number {
  let last = from;
  while (last + 1 < lines.length && lines[last + 1]?.trim() !== '' && !isEntry(lines[last + 1] ?? '')) last += 1;
  return last;
}

function isEntry(line: string): boolean {
  return /^(?:cabal(?:\.exe)?: |Error: )|^(?:Failed to (?:build|download|unpack)|(?:Tests|Benchmarks|Haddocks|Repl) failed for)\b/.test(
    line,
  );
}
