/**
 * Quotes one argument for a POSIX shell: single quotes around all, and each single quote inside as `'\''`. An argument
 * may hold anything but NUL, which no argument can.
 */
export function posixQuote(argument: string): string {
  return `'${argument.replaceAll("'", String.raw`'\''`)}'`;
}

/** A command line of which a POSIX shell makes exactly these arguments. */
export function posixCommand(argv: readonly string[]): string {
  return argv.map(posixQuote).join(' ');
}
