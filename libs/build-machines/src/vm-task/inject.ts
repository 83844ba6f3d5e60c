import {
  authorizeSystemTunnel,
  authorizeTunnel,
  ensureBuildKey,
  imageFiles,
  injectKeys,
  type KeyFolder,
  type LoadedMachine,
  newestImage,
  type PublicKey,
  readKeyFolder,
  relayHostKey,
  type StateFolder,
  type TunnelSettings,
  imageFolder,
  systemRelayHostKey,
} from '@build-machines/machines';
import { ensureBridge } from '@build-machines/remote';
import { readFile } from 'node:fs/promises';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { bridgeFor } from '../machine-task/bridge-for.js';
import { distributed } from '../machine-task/distribution.js';
import { machineToken } from '../machine-task/machine-token.js';
import { type VirtualMachine, virtualMachineOf, type Watched } from './virtual-machine.js';
import { RelayHostMissingError } from './vm-task-errors.js';

/** The port of a workstation's own sshd. */
const SSH_PORT = 22;

/** Gives a VM its keys and settings, authorises its tunnel at the relay, and ends its password login. */
export async function injectInto(
  machine: LoadedMachine,
  state: StateFolder,
  { keysFolder, rotate, ...watched }: { keysFolder?: string; rotate: boolean } & Watched,
): Promise<void> {
  const { definition, port, services } = machine;
  const { name, relay } = definition;
  const vm = virtualMachineOf(machine, state);
  await ensureBridge({ ...bridgeFor(machine, state), signal: watched.signal });
  const given = await readKeyFolder(keysFolder ?? join(homedir(), 'vm-keys', name));
  const hubToken = await machineToken(state, name, `http://127.0.0.1:${services.hub}`);
  const { consoleHostKey, ...address } = await vm.contact(watched);
  const authorize = relay.kind === 'system' ? authorizeAtSystem : authorizeTunnel.bind(undefined, state);
  await injectKeys({
    state,
    machine: name,
    address,
    password: await oneTimePassword(state, name),
    consoleHostKey,
    buildKey: given?.buildKey ?? (await ensureBuildKey(state)),
    settings: tunnelSettings(machine, vm, given),
    settingsTemplate: await readFile(distributed('packer/haskell/files/build-agent.env.template'), 'utf8'),
    relayHostKey: relay.kind === 'system' ? await systemRelayHostKey() : await relayHostKey(state),
    agent: { slots: definition.slots, labels: definition.labels },
    hubToken,
    authorizeTunnel: (publicKey: PublicKey) => authorize({ machine: name, publicKey, port, hubPort: services.hub }),
    rotate,
    ...watched,
  });
}

function authorizeAtSystem(grant: Parameters<typeof authorizeSystemTunnel>[1]): Promise<void> {
  return authorizeSystemTunnel(homedir(), grant);
}

/** What the user wrote into build-agent.env wins over machine.yml, and that over what follows from the provider. */
function tunnelSettings(
  { definition: { name, relay }, file, port, services }: LoadedMachine,
  vm: VirtualMachine,
  given: KeyFolder | undefined,
): TunnelSettings {
  const relayHost = given?.settings.relayHost ?? relay.host ?? vm.relayHost;
  if (relayHost === undefined) throw new RelayHostMissingError(name, file);
  return {
    relayPort: relay.port ?? (relay.kind === 'system' ? SSH_PORT : services.relay),
    relayUser: relay.user ?? userInfo().username,
    tunnelPort: port,
    hubPort: services.hub,
    ...given?.settings,
    relayHost,
  };
}

/** The one-time password of the image that the machine was made from; undefined once it has served. */
async function oneTimePassword(state: StateFolder, name: string): Promise<string | undefined> {
  const image = await newestImage(imageFolder(state), name);
  try {
    return (await readFile(imageFiles(image.ova).password, 'utf8')).trim();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
