/**
 * Reads `--machinereadable` output: lines `key=value` or `"key"="value"`. Values in quotes are not escaped by VBoxManage,
 * so everything between the first and the last quote counts. Lines without `=` (there is one, ` rec_screen0`) and the
 * warning about a missing driver are skipped. Of a key that repeats, the first counts.
 */
export function parseMachineReadable(stdout: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of stdout.split(/\r?\n/)) {
    const match = /^(?:"([^"]+)"|([A-Za-z][\w()/.-]*))=(.*)$/.exec(line);
    if (!match) continue;
    const key = match[1] ?? match[2] ?? '';
    if (!values.has(key)) values.set(key, unquote(match[3] ?? ''));
  }
  return values;
}

function unquote(value: string): string {
  return value.length >= 2 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
}
