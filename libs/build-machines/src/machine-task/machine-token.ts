import {
  ensurePrivateFolder,
  hubEndpoint,
  type LoadedMachine,
  readIfPresent,
  type StateFolder,
  writePrivate,
} from '@build-machines/machines';
import { BuildMachinesError } from '@build-machines/protocol';
import { embeddedHub } from '@build-machines/remote';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';

/** The variable with the token by which machines register at an existing hub. */
export const MACHINE_TOKEN_VARIABLE = 'BUILD_MACHINES_HUB_MACHINE_TOKEN';

/**
 * The token with which a machine speaks to its hub. For the embedded one: made once, kept on the workstation (0600), and
 * made known to the hub, which stores a hash of it; done at every `up`, because a hub whose database was removed knows no
 * tokens. For an existing one: that of {@link MACHINE_TOKEN_VARIABLE}, kept too, so that a later `up` needs no variable;
 * empty where none was ever given.
 */
export async function machineToken(
  machine: Pick<LoadedMachine, 'definition' | 'services'>,
  state: StateFolder,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<string> {
  const { definition, services } = machine;
  const folder = state.machine(definition.name);
  if (hubEndpoint(machine).catalog !== null) {
    const given = env[MACHINE_TOKEN_VARIABLE]?.trim();
    return keptToken(folder, 'existing-hub-token', given === undefined || given === '' ? null : given);
  }
  const kept = await keptToken(folder, 'hub-token', null);
  const token = kept === '' ? await keptToken(folder, 'hub-token', randomBytes(32).toString('base64url')) : kept;
  const hub = await embeddedHub(state, services.hub);
  await hub.registerMachineToken(definition.name, token);
  return token;
}

/**
 * Has the embedded hub forget a machine that is no more: its entry, so that its identity is free, and its token, which
 * nobody holds rightly from now on. An existing hub has given its token itself, and keeps its own catalog.
 * @returns false where the hub does not answer; it keeps both until the next `up` of this name gives a new token.
 */
export async function forgetAtHub(
  machine: Pick<LoadedMachine, 'definition' | 'services'>,
  state: StateFolder,
  signal?: AbortSignal,
): Promise<boolean> {
  if (hubEndpoint(machine).catalog !== null) return true;
  const { name } = machine.definition;
  const hub = await embeddedHub(state, machine.services.hub);
  try {
    for (const token of await hub.listTokens(signal))
      if (token.role === 'machine' && token.name === name) await hub.revokeToken(token.id, signal);
    for (const entry of await hub.listMachines({}, signal))
      if (entry.name === name) await hub.deregister(entry.id, signal);
    return true;
  } catch (error) {
    if (!(error instanceof BuildMachinesError)) throw error;
    return false;
  }
}

/** A token in a file of the workstation's (0600); `next` replaces it. Empty: there is none. */
async function keptToken(folder: string, name: string, next: string | null): Promise<string> {
  const file = join(folder, name);
  const kept = ((await readIfPresent(file)) ?? '').trim();
  if (next === null || next === kept) return kept;
  await ensurePrivateFolder(folder);
  await writePrivate(file, `${next}\n`);
  return next;
}
