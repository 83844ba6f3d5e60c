import { bracketed, TUNNEL_HOST } from '../relay/tunnel-line.js';
import { quotePath } from '../sshd/config-text.js';

/** Name under which the relay's host key is pinned on a machine, whatever its address is. */
export const RELAY_ALIAS = 'build-machines-relay';

/** One machine's tunnel. */
export interface Tunnel {
  readonly relay: { readonly host: string; readonly port: number; readonly user: string };
  /** Private tunnel key. */
  readonly identityFile: string;
  /** File that pins the relay's host key under {@link RELAY_ALIAS}. */
  readonly knownHostsFile: string;
  /** Port of the reverse tunnel on the relay's loopback interface, and where it leads on the machine. */
  readonly reverse: { readonly port: number; readonly toHost: string; readonly toPort: number };
  /** Port on the machine's loopback interface, and where it leads, seen from the relay: the State Hub. */
  readonly forward: { readonly port: number; readonly toHost: string; readonly toPort: number };
}

/**
 * Options of ssh for a tunnel that nobody watches: never asks, pins the relay's key, ends when a port cannot be had (so
 * that autossh tries again), notices within 45 s that the other end vanished. The user's ssh configuration is not read.
 */
export function tunnelArguments({ relay, identityFile, knownHostsFile, reverse, forward }: Tunnel): string[] {
  const options = [
    'BatchMode=yes',
    'IdentitiesOnly=yes',
    'IdentityAgent=none',
    'PreferredAuthentications=publickey',
    'StrictHostKeyChecking=yes',
    `UserKnownHostsFile=${quotePath(knownHostsFile)}`,
    'GlobalKnownHostsFile=/dev/null',
    `HostKeyAlias=${RELAY_ALIAS}`,
    'UpdateHostKeys=no',
    'ExitOnForwardFailure=yes',
    'ConnectTimeout=10',
    'ServerAliveInterval=15',
    'ServerAliveCountMax=3',
    'TCPKeepAlive=yes',
    `IdentityFile=${quotePath(identityFile)}`,
  ];
  return [
    ...['-F', 'none', '-N', '-T', '-p', String(relay.port), '-l', relay.user],
    ...options.flatMap((option) => ['-o', option]),
    ...['-R', `${TUNNEL_HOST}:${reverse.port}:${reverse.toHost}:${reverse.toPort}`],
    ...['-L', `127.0.0.1:${forward.port}:${bracketed(forward.toHost)}:${forward.toPort}`],
    relay.host,
  ];
}

/** Arguments of autossh; no monitoring ports (`-M 0`), which collide: ServerAlive does that. */
export function autosshArguments(tunnel: Tunnel): string[] {
  return ['-M', '0', ...tunnelArguments(tunnel)];
}

/**
 * Environment of autossh. GATETIME 0: a first connection that fails, because the workstation sleeps, is retried like
 * any other. POLL is also the longest wait between attempts, in seconds (autossh.c, grace_time).
 */
export function autosshEnvironment(ssh: string, pollSeconds = 10): Record<string, string> {
  return { AUTOSSH_GATETIME: '0', AUTOSSH_POLL: String(pollSeconds), AUTOSSH_PATH: ssh };
}

/** The line of a known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT) that pins a host key. */
export function knownHostsLine(alias: string, hostKey: string): string {
  return `${alias} ${hostKey}\n`;
}
