import { readLine } from './output-lines.js';

/**
 * The lines of a batch's output that are about one package. Lines without a sign of their own belong to the package
 * that spoke last; where several packages are built at the same time that can be wrong, so for a package that failed
 * (`whole`) the complete output is returned when others spoke between its first and last sign: no error may be lost.
 */
export function splitLog(
  lines: readonly string[],
  speakers: readonly Speaker[],
  name: string,
  options: { readonly whole: boolean },
): string {
  const first = speakers.indexOf(name);
  const last = speakers.lastIndexOf(name);
  const interrupted = speakers.slice(first, last + 1).some((speaker) => speaker !== name && speaker !== null);
  if (options.whole && (first === -1 || interrupted)) return lines.join('\n');
  return lines.filter((_, index) => speakers[index] === name || speakers[index] === null).join('\n');
}

/**
 * The first and the last line of a batch's output that are about one package, counted from 0, with what has no sign of its
 * own as in {@link splitLog}; null where none is.
 */
export function spanOf(speakers: readonly Speaker[], name: string): { first: number; last: number } | null {
  const first = speakers.indexOf(name);
  return first === -1 ? null : { first, last: speakers.lastIndexOf(name) };
}

/** The package that a line is about; null for what concerns all. */
export type Speaker = string | null;

/** For each line of a batch's output, whom it is about. */
export function speakersOf(lines: readonly string[]): Speaker[] {
  let current: Speaker = null;
  return lines.map((line) => {
    const read = readLine(line);
    switch (read.says) {
      case 'progress':
        current = read.unit.package;
        return current;
      case 'mention':
        current = read.package;
        return current;
      case 'planned':
        return null;
      case 'failure':
        current = read.package;
        return current;
      case 'passed':
      case 'other':
        return current;
    }
  });
}
