import {
  type HubEntry,
  type LayerResult,
  type LoadedMachine,
  machineLayers,
  readMachineLock,
  resolveMachineAccess,
  runLayers,
  type StateFolder,
} from '@build-machines/machines';
import { agentConnector } from '@build-machines/remote';
import { HubClient } from '@build-machines/state-hub';
import { connectExisting, existingHub } from '../../placing/existing-hub.js';
import { askAgent } from '../ask-agent.js';
import { smokeRun } from './smoke-run.js';

/**
 * Checks every layer of a machine that is up, and goes on after a failure with whatever can still be judged.
 * @throws MachineNotUpError for a machine that was never brought up or was taken down.
 */
export async function smokeTest(
  machine: LoadedMachine,
  state: StateFolder,
  {
    path,
    onResult,
    signal,
  }: {
    /** PATH, where ssh is looked for. */
    readonly path: string;
    readonly onResult: (result: LayerResult) => void;
    readonly signal: AbortSignal;
  },
): Promise<LayerResult[]> {
  const { name, provider, tunnel } = machine.definition;
  const access = await resolveMachineAccess(state, name);
  const lock = await readMachineLock(machine, state);
  const layers = machineLayers(
    { access, provider, tunnel: provider !== 'ssh' || tunnel, lock, path },
    {
      agentInfo: (within) => askAgent(state, name, within),
      hubEntry: (within) => hubEntry(machine, within),
      ...smokeRun({ machine }, state, lock, agentConnector(state, name)),
    },
  );
  return runLayers(layers, { onResult, signal });
}

/** The machine's entry at the hub that its machine.yml names, else at the embedded one. */
async function hubEntry({ definition, services }: LoadedMachine, signal: AbortSignal): Promise<HubEntry | undefined> {
  const { name } = definition;
  const existing = existingHub(definition);
  if (existing === undefined) {
    const embedded = new HubClient({ url: `http://127.0.0.1:${services.hub}` });
    return (await embedded.listMachines({}, signal)).find((entry) => entry.name === name);
  }
  const hub = await connectExisting(existing, process.env, signal);
  const entries = hub.missing.length > 0 ? hub.catalog.list(signal) : hub.full('heartbeats').listMachines({}, signal);
  return (await entries).find((entry) => entry.name === name);
}
