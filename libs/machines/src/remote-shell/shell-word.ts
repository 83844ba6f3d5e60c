/**
 * A text as one word of a POSIX shell: single quotes around all, and each single quote inside as `'\''`. It may hold
 * anything but NUL, which no argument can.
 */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A command line of which a POSIX shell makes exactly these arguments. */
export function shellCommand(argv: readonly string[]): string {
  return argv.map(shellWord).join(' ');
}
