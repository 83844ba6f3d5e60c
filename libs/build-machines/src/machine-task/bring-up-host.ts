import {
  authorizeAtSystemRelay,
  authorizeTunnel,
  type HostTunnel,
  hostUp,
  hubEndpoint,
  type LoadedMachine,
  registersElsewhere,
  relayHostKey,
  type StateFolder,
  systemRelayAddresses,
  systemRelayHostKey,
  waitForMachine,
  workstationAccount,
} from '@build-machines/machines';
import { ensureBridge } from '@build-machines/remote';
import { RelayHostMissingError } from '../vm-task/vm-task-errors.js';
import { askAgentPatiently } from './ask-agent.js';
import type { BringUpOptions } from './bring-up.js';
import { bridgeFor } from './bridge-for.js';
import { distributed } from './distribution.js';
import { leaveBusyAlone } from './leave-busy-alone.js';
import { machineToken } from './machine-token.js';
import { updateLock } from './update-lock.js';

/** How long a host's tunnel may take, in milliseconds: autossh waits up to 30 s between attempts. */
const TUNNEL_WITHIN = 90_000;

/** The port of a workstation's own sshd. */
const SSH_PORT = 22;

/**
 * Brings up a machine that is a host which is already there; does only what is not done.
 * @returns whether anything had to be done.
 */
export async function bringUpHost(
  machine: LoadedMachine,
  state: StateFolder,
  { onProgress, firstContact, restart = false, signal }: BringUpOptions,
): Promise<boolean> {
  const { name, tunnel } = machine.definition;
  const bridge = bridgeFor(machine, state);
  const { started } = await ensureBridge({ ...bridge, signal });
  if (started)
    onProgress(`started the bridge: relay on port ${bridge.ports.relay}, State Hub on port ${bridge.ports.hub}`);
  const elsewhere = tunnel ? registersElsewhere(machine) : null;
  if (elsewhere !== null) onProgress(elsewhere);
  const { access, changed } = await hostUp({
    state,
    machine,
    account: workstationAccount(),
    authSocket: process.env['SSH_AUTH_SOCK'],
    tunnel: tunnel ? await tunnelOf(machine, state) : null,
    agentBundle: distributed('agent/build-agent.cjs'),
    supervisorBundle: distributed('sandbox-supervisor.cjs'),
    identityFile: firstContact?.identityFile,
    acceptHostKey: firstContact?.acceptHostKey,
    ask: firstContact?.ask,
    restart,
    whileIdle: (change) =>
      leaveBusyAlone(machine, state, { forced: restart, forcedBy: `"nx run ${name}:up --restart"`, signal }, change),
    onProgress,
    signal,
  });
  await waitForMachine(access, { timeoutMs: TUNNEL_WITHIN, signal });
  const locked = await updateLock(machine, state, await askAgentPatiently(state, name, { signal }));
  if (locked !== undefined) onProgress(`wrote ${locked}`);
  return changed || started || locked !== undefined;
}

/** The relay and the hub as the host finds them. */
async function tunnelOf(machine: LoadedMachine, state: StateFolder): Promise<HostTunnel> {
  const { definition, file, port, services } = machine;
  const { name, relay } = definition;
  if (relay.host === undefined) throw new RelayHostMissingError(name, file);
  const hub = hubEndpoint(machine);
  const isSystem = relay.kind === 'system';
  const hostKey = isSystem ? await systemRelayHostKey() : await relayHostKey(state);
  const { host } = relay;
  const relayPort = relay.port ?? (isSystem ? SSH_PORT : services.relay);
  return {
    relay: { host, port: relayPort, user: relay.user ?? workstationAccount().user, hostKey },
    hub: { ...hub, token: await machineToken(machine, state) },
    authorize: (publicKey) => {
      const grant = { machine: name, publicKey, port, hubHost: hub.host, hubPort: hub.port };
      if (!isSystem) return authorizeTunnel(state, grant);
      const addresses = systemRelayAddresses(host, relayPort);
      return authorizeAtSystemRelay({ addresses, hostKey }, workstationAccount(), grant);
    },
  };
}
