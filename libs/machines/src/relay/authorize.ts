import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BuildMachinesError } from '@build-machines/protocol';
import { readIfPresent } from '../disk/missing.js';
import { ensurePrivateFolder } from '../disk/private-folder.js';
import type { StateFolder } from '../state/state-folder.js';
import { rewriteKeys } from './rewrite-keys.js';
import {
  tunnelLine,
  tunnelLines,
  withTunnelLine,
  withoutTunnelLine,
  type FoundTunnelLine,
  type TunnelGrant,
} from './tunnel-line.js';

/** Two machines want the same tunnel port on one relay. */
export class TunnelPortTakenError extends BuildMachinesError {
  readonly code = 'tunnel-port-taken';
}

/** The embedded relay's file of keys. */
export function relayAuthorizedKeys(state: StateFolder): string {
  return join(state.relay, 'authorized_keys');
}

/**
 * Lets a machine's key hold its tunnel at the embedded relay. In force for connections from now on, without a restart;
 * doing it again changes nothing.
 * @throws TunnelPortTakenError when another machine (of any workspace of this user) has the port.
 */
export async function authorizeTunnel(state: StateFolder, grant: TunnelGrant): Promise<void> {
  await ensurePrivateFolder(state.relay);
  await grantIn(relayAuthorizedKeys(state), grant);
}

/** Takes the machine's permission at the embedded relay back. A tunnel that stands is not cut. */
export async function revokeTunnel(state: StateFolder, machine: string): Promise<void> {
  await revokeIn(relayAuthorizedKeys(state), machine);
}

/** The machines that the embedded relay lets in. */
export async function authorizedTunnels(state: StateFolder): Promise<FoundTunnelLine[]> {
  return tunnelLines((await readIfPresent(relayAuthorizedKeys(state))) ?? '');
}

/**
 * For `relay.kind: system`: puts the machine's one line into the user's own `~/.ssh/authorized_keys`, between other lines
 * that stay untouched. Call it where the relay was checked: `authorizeAtSystemRelay`.
 * @param home home folder of the account that the machine connects to.
 */
export async function authorizeSystemTunnel(home: string, grant: TunnelGrant): Promise<void> {
  const folder = join(home, '.ssh');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await grantIn(join(folder, 'authorized_keys'), grant);
}

/** Takes the line of {@link authorizeSystemTunnel} out again. */
export async function revokeSystemTunnel(home: string, machine: string): Promise<void> {
  await revokeIn(join(home, '.ssh', 'authorized_keys'), machine);
}

async function grantIn(file: string, grant: TunnelGrant): Promise<void> {
  const line = tunnelLine(grant);
  await rewriteKeys(file, (text) => {
    const holder = tunnelLines(text).find(({ machine, port }) => port === grant.port && machine !== grant.machine);
    if (holder !== undefined)
      throw new TunnelPortTakenError(
        `port ${grant.port} of machine "${grant.machine}" already belongs to machine "${holder.machine}" on this relay (${file})`,
        {
          hint: `Give "${grant.machine}" another port in port-registry.yml, or end the other machine with \`nx run ${holder.machine}:destroy\` in its workspace.`,
        },
      );
    return withTunnelLine(text, grant.machine, line);
  });
}

async function revokeIn(file: string, machine: string): Promise<void> {
  if ((await readIfPresent(file)) === undefined) return;
  await rewriteKeys(file, (text) => withoutTunnelLine(text, machine));
}
