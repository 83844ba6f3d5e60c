/**
 * One line of `packer build -machine-readable`: `timestamp,target,type,data…`, where a comma inside data is written
 * `%!(PACKER_COMMA)` and line ends as `\n` and `\r` (developer.hashicorp.com/packer/docs/commands, "Machine-Readable
 * Output").
 */
export interface PackerEvent {
  /** Unix time in seconds. */
  readonly timestamp: number;
  /** The build that speaks, such as `haskell.qemu.disk-image`; empty for Packer itself. */
  readonly target: string;
  /** Such as `ui`, `artifact`, `error-count`. */
  readonly type: string;
  readonly data: readonly string[];
}

/** Reads one line; undefined for a line in another form (a warning of a plugin, a crash). */
export function parsePackerLine(line: string): PackerEvent | undefined {
  const fields = line.replace(/\r$/, '').split(',');
  const [timestamp, target, type, ...data] = fields;
  if (timestamp === undefined || target === undefined || type === undefined || !/^\d+$/.test(timestamp))
    return undefined;
  return { timestamp: Number(timestamp), target, type, data: data.map(unescapeField) };
}

function unescapeField(field: string): string {
  return field.replaceAll('%!(PACKER_COMMA)', ',').replaceAll('\\n', '\n').replaceAll('\\r', '\r');
}
