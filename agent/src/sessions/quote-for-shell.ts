/** One word for a POSIX shell, whatever it holds: single-quoted, with single quotes spliced in. */
export function quoteForShell(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
