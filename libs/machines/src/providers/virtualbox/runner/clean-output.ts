/**
 * Output as we read it: without carriage returns (Windows), and without the warning that Debian's and Oracle's wrapper
 * scripts print on standard output when the kernel driver is missing. It begins with `WARNING:` in the first line and
 * reaches to the first line that is not indented.
 */
export function cleanOutput(text: string): string {
  const lines = text.replaceAll('\r', '').split('\n');
  if (lines[0]?.startsWith('WARNING: ') !== true) return lines.join('\n');
  const rest = lines.findIndex((line, index) => index > 0 && line !== '' && !/^\s/.test(line));
  return rest === -1 ? '' : lines.slice(rest).join('\n');
}
