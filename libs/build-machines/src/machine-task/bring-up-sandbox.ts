import {
  authorizeTunnel,
  ensureSandboxTunnelKey,
  hasErrorCode,
  hubEndpoint,
  type LoadedMachine,
  readMachineLock,
  registersElsewhere,
  relayHostKey,
  type SandboxChange,
  type SandboxIsUp,
  sandboxUp,
  type SandboxUpOptions,
  type StateFolder,
  waitForMachine,
} from '@build-machines/machines';
import { bridgeRevivalFile, ensureBridge } from '@build-machines/remote';
import type { BuildMachinesError } from '@build-machines/protocol';
import { ownVersion } from '../package/package-folder.js';
import type { BringUpOptions } from './bring-up.js';
import { bridgeFor } from './bridge-for.js';
import { distributed } from './distribution.js';
import { askAgentPatiently } from './ask-agent.js';
import { leaveBusyAlone } from './leave-busy-alone.js';
import { machineToken } from './machine-token.js';
import { updateLock } from './update-lock.js';

/**
 * How long a sandbox's tunnel may take, in milliseconds. After each time but the last, the machine is looked at again: the
 * tunnel may have lost its port of the way to the hub to another sandbox of this computer meanwhile, and needs another.
 */
const TUNNEL_WITHIN = [10_000, 20_000, 30_000];

/**
 * Brings a sandbox up, with the bridge, relay and hub that it connects out to. Does only what is not done.
 * @param options.refreshLock false: the lock is written only where there is none: a task whose hash has the traits of the
 *   lock must not run under others. Also spares a request to the agent.
 * @returns whether anything had to be done.
 */
export async function bringUpSandbox(
  machine: LoadedMachine,
  state: StateFolder,
  { onProgress, refreshLock = true, restart = false, signal }: BringUpOptions & { readonly refreshLock?: boolean },
): Promise<boolean> {
  const { definition, services } = machine;
  const bridge = bridgeFor(machine, state);
  const { account } = bridge;
  const { started } = await ensureBridge({ ...bridge, signal });
  if (started) onProgress(`started the bridge: relay on port ${services.relay}, State Hub on port ${services.hub}`);
  const { publicKey } = await ensureSandboxTunnelKey(state, definition.name);
  const hub = hubEndpoint(machine);
  const elsewhere = registersElsewhere(machine);
  if (elsewhere !== null && refreshLock) onProgress(elsewhere);
  const token = await machineToken(machine, state);
  const options: SandboxUpOptions = {
    state,
    machine,
    relay: { host: '127.0.0.1', port: services.relay, user: account.user, hostKey: await relayHostKey(state) },
    hub: { ...hub, token },
    agentBundle: distributed('agent/build-agent.cjs'),
    supervisorBundle: distributed('sandbox-supervisor.cjs'),
    account,
    bridge: bridgeRevivalFile(state),
    release: ownVersion(),
    authorize: (port) =>
      authorizeTunnel(state, { machine: definition.name, publicKey, port, hubHost: hub.host, hubPort: hub.port }),
    apply: restart ? 'restart' : refreshLock ? 'all' : 'needed',
    whileIdle: (change) =>
      leaveBusyAlone(
        machine,
        state,
        { forced: restart, forcedBy: `"nx run ${definition.name}:up --restart"`, signal },
        change,
      ),
    onProgress,
    signal,
  };
  const { changed, waiting, busy } = await withTunnel(options);
  if (waiting.length > 0) onProgress(sayWhatWaits(definition.name, waiting, busy));
  if (!refreshLock && (await readMachineLock(machine, state))?.traits !== undefined) return changed || started;
  // A supervisor that was told of another agent ends the old one only now.
  const info = await askAgentPatiently(state, definition.name, { signal });
  const locked = await updateLock(machine, state, info);
  if (locked !== undefined) onProgress(`wrote ${locked}`);
  return changed || started || locked !== undefined;
}

/** Brings the machine up and waits for its tunnel. */
async function withTunnel(options: SandboxUpOptions): Promise<SandboxIsUp> {
  const { signal } = options;
  let hasChanged = false;
  for (let attempt = 0; ; attempt++) {
    const up = await sandboxUp(options);
    hasChanged ||= up.changed;
    try {
      await waitForMachine(up.access, { timeoutMs: TUNNEL_WITHIN[attempt] ?? 0, signal });
      return { ...up, changed: hasChanged };
    } catch (error) {
      if (attempt + 1 >= TUNNEL_WITHIN.length || !hasErrorCode(error, 'machine-unreachable')) throw error;
    }
  }
}

/** Says what of a running machine is not as this workspace has it, and what to do about it. */
function sayWhatWaits(name: string, waiting: readonly SandboxChange[], busy: BuildMachinesError | undefined): string {
  const changes = waiting.map(({ text }) => text).join('; ');
  if (busy === undefined) return `${name} runs with other settings (${changes}); to apply them: nx run ${name}:up`;
  return `${busy.message}\n  Waiting for that: ${changes}. ${busy.hint}`;
}
