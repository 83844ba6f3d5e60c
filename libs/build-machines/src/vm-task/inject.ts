import {
  authorizeAtSystemRelay,
  authorizeTunnel,
  ensureBuildKey,
  forgetHostKey,
  hubEndpoint,
  injectKeys,
  type InjectKeysOptions,
  type KeyFolder,
  type LoadedMachine,
  type PublicKey,
  readKeyFolder,
  registersElsewhere,
  relayHostKey,
  type StateFolder,
  systemRelayAddresses,
  systemRelayHostKey,
  type TunnelSettings,
  workstationAccount,
} from '@build-machines/machines';
import { ensureBridge, MachineBusyError } from '@build-machines/remote';
import { readFile } from 'node:fs/promises';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { bridgeFor } from '../machine-task/bridge-for.js';
import { distributed } from '../machine-task/distribution.js';
import { leaveBusyAlone } from '../machine-task/leave-busy-alone.js';
import { machineToken } from '../machine-task/machine-token.js';
import { awaitContact } from './await-contact.js';
import { type Injection, injectionDigest, noteInjection, readInjection } from './injection-record.js';
import { type VirtualMachine, virtualMachineOf, type Watched } from './virtual-machine.js';
import { forgetOneTimePassword, oneTimePassword } from './vm-identity.js';
import { RelayHostMissingError } from './vm-task-errors.js';

/** The port of a workstation's own sshd. */
const SSH_PORT = 22;

/** How keys are given. */
export interface InjectOptions extends Watched {
  /** Default: ~/vm-keys/<machine>. */
  readonly keysFolder?: string;
  /** Makes a new tunnel key although there is one. */
  readonly rotate: boolean;
  /** Although the machine works for somebody: its agent starts anew. */
  readonly force: boolean;
  /** Takes whatever host key the machine shows, or its console says, for the pinned one. */
  readonly forgetHostKey: boolean;
}

/**
 * Gives a VM its keys and settings, authorises its tunnel at the relay, and ends its password login. A VM that has them
 * already is left alone: applying them restarts its agent, and with it what it builds.
 */
export async function injectInto(
  machine: LoadedMachine,
  state: StateFolder,
  { keysFolder, rotate, force, forgetHostKey: forget, ...watched }: InjectOptions,
): Promise<void> {
  const { name } = machine.definition;
  const vm = virtualMachineOf(machine, state);
  await ensureBridge({ ...bridgeFor(machine, state), signal: watched.signal });
  const given = await readKeyFolder(keysFolder ?? join(homedir(), 'vm-keys', name));
  const gift = await whatItGets(machine, state, vm, given);
  const earlier = await readInjection(state, name);
  if (earlier?.digest === injectionDigest(gift) && !rotate && !forget) {
    await gift.authorizeTunnel(earlier.tunnelKey);
    watched.onProgress(`${name} has its keys and settings`);
    return;
  }
  const elsewhere = registersElsewhere(machine);
  if (elsewhere !== null) watched.onProgress(elsewhere);
  try {
    await leaveBusyAlone(machine, state, { forced: force, signal: watched.signal }, () =>
      apply(machine, state, { vm, gift, rotate, forget, ...watched }),
    );
  } catch (error) {
    // What nobody asked for by an option, such as the agent of a newer release, waits.
    if (!(error instanceof MachineBusyError) || earlier === undefined || rotate || forget) throw error;
    watched.onProgress(`${error.message}\n  Its new keys and settings wait for that. ${error.hint}`);
  }
}

/** Gives the VM all of it; its agent starts anew. */
async function apply(
  { definition: { name } }: LoadedMachine,
  state: StateFolder,
  {
    vm,
    gift,
    rotate,
    forget,
    ...watched
  }: { readonly vm: VirtualMachine; readonly gift: Gift; readonly rotate: boolean; readonly forget: boolean } & Watched,
): Promise<void> {
  if (forget) await forgetHostKey(state, name);
  const { address, consoleHostKey } = await awaitContact(name, vm, watched.signal);
  let injection: Injection | undefined;
  await injectKeys({
    ...gift,
    state,
    machine: name,
    address,
    password: await oneTimePassword(state, name),
    consoleHostKey,
    rotate,
    authorizeTunnel: async (tunnelKey) => {
      await gift.authorizeTunnel(tunnelKey);
      injection = { digest: injectionDigest(gift), tunnelKey };
    },
    ...watched,
  });
  await forgetOneTimePassword(state, name);
  if (injection !== undefined) await noteInjection(state, name, injection);
}

type Gift = Pick<
  InjectKeysOptions,
  | 'buildKey'
  | 'settings'
  | 'settingsTemplate'
  | 'relayHostKey'
  | 'agent'
  | 'agentBundle'
  | 'hubToken'
  | 'authorizeTunnel'
>;

async function whatItGets(
  machine: LoadedMachine,
  state: StateFolder,
  vm: VirtualMachine,
  given: KeyFolder | undefined,
): Promise<Gift> {
  const { definition, port } = machine;
  const { name, relay } = definition;
  const isSystem = relay.kind === 'system';
  const settings = tunnelSettings(machine, vm, given);
  const { path, catalog } = hubEndpoint(machine);
  const hostKey = isSystem ? await systemRelayHostKey() : await relayHostKey(state);
  return {
    buildKey: given?.buildKey ?? (await ensureBuildKey(state)),
    settings,
    settingsTemplate: await readFile(distributed('packer/haskell/files/build-agent.env.template'), 'utf8'),
    relayHostKey: hostKey,
    agent: { slots: definition.slots, labels: definition.labels, hub: { path, catalog } },
    agentBundle: await readFile(distributed('agent/build-agent.cjs'), 'utf8'),
    hubToken: await machineToken(machine, state),
    authorizeTunnel: (publicKey: PublicKey) => {
      const { hubHost, hubPort, relayHost, relayPort } = settings;
      const grant = { machine: name, publicKey, port, hubHost, hubPort };
      if (!isSystem) return authorizeTunnel(state, grant);
      const addresses = systemRelayAddresses(relayHost, relayPort);
      return authorizeAtSystemRelay({ addresses, hostKey }, workstationAccount(), grant);
    },
  };
}

/** What the user wrote into build-agent.env wins over machine.yml, and that over what follows from the provider. */
function tunnelSettings(machine: LoadedMachine, vm: VirtualMachine, given: KeyFolder | undefined): TunnelSettings {
  const { definition, file, port, services } = machine;
  const { name, relay } = definition;
  const hub = hubEndpoint(machine);
  const relayHost = given?.settings.relayHost ?? relay.host ?? vm.relayHost;
  if (relayHost === undefined) throw new RelayHostMissingError(name, file);
  return {
    relayPort: relay.port ?? (relay.kind === 'system' ? SSH_PORT : services.relay),
    relayUser: relay.user ?? userInfo().username,
    tunnelPort: port,
    hubHost: hub.host,
    hubPort: hub.port,
    ...given?.settings,
    relayHost,
  };
}
