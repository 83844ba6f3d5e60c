import { type AccountEntry, failedToBuild } from './failure-account.js';
import { readLine } from './output-lines.js';

/** The package that a line is about; null for what concerns all. */
export type Speaker = string | null;

/**
 * For each line of a batch's output, which package it is about. A line without a sign of its own belongs to the package
 * of the line before it, except for messages about a source file that only one package has compiled.
 */
export function speakersOf(
  lines: readonly string[],
  account: readonly AccountEntry[] = [],
  compilers = packagesByFile(lines),
): Speaker[] {
  const failed = failedToBuild(account);
  const accounted = new Map(account.flatMap((entry) => linesOf(entry).map((line) => [line, entry.package] as const)));
  let current: Speaker = null;
  return lines.map((line, index) => {
    const read = readLine(line);
    switch (read.says) {
      case 'planned':
        return null;
      case 'progress':
        current = read.unit.package;
        break;
      case 'mention':
      case 'compiles':
        current = read.package;
        break;
      case 'passed':
      case 'other':
        current = accounted.has(index)
          ? (accounted.get(index) ?? null)
          : (packageOfMessage(line, compilers, failed) ?? current);
    }
    return current;
  });
}

/** Which packages compiled a source file, by the path that the compiler prints. */
export type PackagesByFile = ReadonlyMap<string, ReadonlySet<string>>;

/** Collects which package compiled which file. Paths are relative to packages, so several may have the same one. */
export function packagesByFile(lines: readonly string[]): PackagesByFile {
  const found = new Map<string, Set<string>>();
  for (const line of lines) {
    const read = readLine(line);
    if (read.says !== 'compiles') continue;
    const packages = found.get(read.file) ?? new Set();
    found.set(read.file, packages.add(read.package));
  }
  return found;
}

/**
 * The package that a compiler's message is certainly about; undefined where that is not certain, or it is no message.
 * @param failed packages that could not be built, where that is known: an error is about one of them.
 */
export function packageOfMessage(
  line: string,
  compilers: PackagesByFile,
  failed: ReadonlySet<string> = new Set(),
): string | undefined {
  const [, file, severity] = /^(\S.*?):\d+:\d+(?:-\d+)?: (error|warning)\b/.exec(line) ?? [];
  const all = file === undefined ? [] : [...(compilers.get(file) ?? [])];
  const possible = severity === 'error' && failed.size > 0 ? all.filter((name) => failed.has(name)) : all;
  return possible.length === 1 ? possible[0] : undefined;
}

/** The lines about one package, and those that concern all. */
export function linesAbout(name: string, lines: readonly string[], speakers: readonly Speaker[]): string[] {
  return lines.filter((_, index) => speakers[index] === name || speakers[index] === null);
}

/** Whether others spoke between the first and the last line about a package, so that its lines may be among theirs. */
export function isInterrupted(name: string, speakers: readonly Speaker[]): boolean {
  const between = speakers.slice(speakers.indexOf(name), speakers.lastIndexOf(name) + 1);
  return between.some((speaker) => speaker !== name && speaker !== null);
}

/** The first and the last line that are about a package, counted from 0; null where none is. */
export function spanOf(speakers: readonly Speaker[], name: string): { first: number; last: number } | null {
  const first = speakers.indexOf(name);
  return first === -1 ? null : { first, last: speakers.lastIndexOf(name) };
}

function linesOf({ first, last }: AccountEntry): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
