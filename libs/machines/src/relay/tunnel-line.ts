import { MachineName } from '@build-machines/protocol';
import { publicKeyText, type PublicKey } from '../keys/public-key.js';

/**
 * The host that both ends of a tunnel write: `-R localhost:<port>:…` on the machine, `permitlisten="localhost:<port>"`
 * at the relay. sshd compares it as text, so `127.0.0.1` would not match; a bare port would match every host.
 */
export const TUNNEL_HOST = 'localhost';

/** What one machine may do at the relay. */
export interface TunnelGrant {
  readonly machine: string;
  readonly publicKey: PublicKey;
  /** Port of the reverse tunnel, on the relay's loopback interface. */
  readonly port: number;
  /** Where the forward tunnel may lead, seen from the relay: the State Hub. */
  readonly hubPort: number;
  /** Default: the relay's own loopback interface. */
  readonly hubHost?: string;
}

/** Marks the lines that are ours, in the comment field of authorized_keys. */
const MARK = 'build-machines:';

/**
 * The line of authorized_keys (sshd(8)) that lets a machine's key hold its tunnel and do nothing else: `restrict` takes
 * everything away, forwarding comes back for one port to listen on and one to connect to, and a command, were one asked
 * for, is replaced by one that fails.
 */
export function tunnelLine({ machine, publicKey, port, hubPort, hubHost = TUNNEL_HOST }: TunnelGrant): string {
  const options = [
    'restrict',
    'port-forwarding',
    `permitlisten="${TUNNEL_HOST}:${port}"`,
    `permitopen="${bracketed(hubHost)}:${hubPort}"`,
    'command="exit 1"',
  ];
  return `${options.join(',')} ${publicKeyText(publicKey)} ${MARK}${MachineName.parse(machine)}`;
}

/** A host as ssh writes it before a port. @throws RangeError for what is none. */
export function bracketed(host: string): string {
  if (!/^[A-Za-z0-9.:_-]+$/.test(host)) throw new RangeError(`"${host}" is not a host`);
  return host.includes(':') ? `[${host}]` : host;
}

/** One line of ours, as found in a file. */
export interface FoundTunnelLine {
  readonly machine: string;
  readonly port: number;
}

/** The machines that an authorized_keys text lets in through lines of ours. */
export function tunnelLines(text: string): FoundTunnelLine[] {
  return text.split('\n').flatMap((line) => {
    const machine = machineOf(line);
    const port = /permitlisten="localhost:(\d+)"/.exec(line)?.[1];
    return machine === undefined || port === undefined ? [] : [{ machine, port: Number(port) }];
  });
}

/** The text with the machine's line, in place of the one it had or at the end; every other line stays as it is. */
export function withTunnelLine(text: string, machine: string, line: string): string {
  const lines = text.split('\n');
  const index = lines.findIndex((existing) => machineOf(existing) === machine);
  if (index === -1) return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${line}\n`;
  return lines
    .map((existing, at) => (at === index ? line : existing))
    .filter((existing, at) => at === index || machineOf(existing) !== machine)
    .join('\n');
}

/** The text without the machine's line. */
export function withoutTunnelLine(text: string, machine: string): string {
  return text
    .split('\n')
    .filter((line) => machineOf(line) !== machine)
    .join('\n');
}

function machineOf(line: string): string | undefined {
  if (!line.startsWith('restrict,port-forwarding,')) return undefined;
  const comment = line.trimEnd().split(' ').at(-1) ?? '';
  return comment.startsWith(MARK) ? comment.slice(MARK.length) : undefined;
}
