/** Where an SSH host is, as a user writes it: `[user@]host[:port]`. */
export interface SshTarget {
  readonly user: string | undefined;
  readonly host: string;
  /** Undefined where none was written: then the user's ssh configuration may have one. */
  readonly port: number | undefined;
}

/** A host name or an alias of the ssh configuration, an IPv4 address or a bracketed IPv6 address; never something that ssh could take for an option. */
const TARGET =
  /^(?:([A-Za-z0-9_][A-Za-z0-9_.-]*)@)?([A-Za-z0-9_][A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+(?:%[A-Za-z0-9]+)?\])(?::(\d{1,5}))?$/;

/** Parses an SSH destination; undefined where the text is none. */
export function parseSshTarget(text: string): SshTarget | undefined {
  const match = TARGET.exec(text);
  if (match === null) return undefined;
  const [, user, host = '', port] = match;
  const number = port === undefined ? undefined : Number(port);
  if (number !== undefined && (number < 1 || number > 65535)) return undefined;
  return { user, host: host.replace(/^\[|\]$/g, ''), port: number };
}
