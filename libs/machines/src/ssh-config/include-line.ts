const COMMENT = '# The next line was added by build-machines: `ssh <machine>` works by it.';

/**
 * The user's configuration with our Include at its top: ssh takes the first value that it finds, and an Include within a
 * Host block counts for that host only. One that somebody moved below other settings comes to the top again.
 */
export function withInclude(text: string, pattern: string): string {
  return comesFirst(text, pattern) ? text : `${COMMENT}\nInclude ${pattern}\n${withoutInclude(text, pattern)}`;
}

/** The user's configuration without our Include; exactly the text from before where nobody changed the two lines. */
export function withoutInclude(text: string, pattern: string): string {
  const ours = [COMMENT, `Include ${pattern}`];
  return text
    .split('\n')
    .filter((line) => !ours.includes(line.trim()))
    .join('\n');
}

/** Whether nothing but comments and other files is before our Include. */
function comesFirst(text: string, pattern: string): boolean {
  const settings = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  const at = settings.indexOf(`Include ${pattern}`);
  return at !== -1 && settings.slice(0, at).every((line) => /^include\s/i.test(line));
}
