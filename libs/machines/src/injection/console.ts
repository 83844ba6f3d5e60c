/** What a machine says of itself on its serial console at each boot. */
export interface ConsoleFacts {
  /** Its public host key, as `ssh-ed25519 AAAA…`. */
  readonly hostKey: string | undefined;
  /** Its address on the network. */
  readonly address: string | undefined;
}

/**
 * Reads a serial log. The last word counts: a log holds several boots. The console is written by the machine alone and
 * read from a file of the hypervisor, so a key from there can be trusted as one from the network cannot.
 */
export function readConsole(log: string): ConsoleFacts {
  const last = (pattern: RegExp): string | undefined => [...log.matchAll(pattern)].at(-1)?.[1];
  return {
    hostKey: last(/^build-machine host-key (ssh-ed25519 [A-Za-z0-9+/]+={0,2})\r?$/gm),
    address: last(/^build-machine address (\d+\.\d+\.\d+\.\d+)\r?$/gm),
  };
}
