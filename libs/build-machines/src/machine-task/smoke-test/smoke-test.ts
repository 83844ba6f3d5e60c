import {
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
  const {
    name,
    provider,
    tunnel,
    hub: { url },
  } = machine.definition;
  const access = await resolveMachineAccess(state, name);
  const lock = await readMachineLock(machine.folder);
  const hub = new HubClient({ url: url ?? `http://127.0.0.1:${machine.services.hub}` });
  const layers = machineLayers(
    { access, provider, tunnel: provider !== 'ssh' || tunnel, lock, path },
    {
      agentInfo: (within) => askAgent(state, name, within),
      hubEntry: async (within) => (await hub.listMachines({}, within)).find((entry) => entry.name === name),
      ...smokeRun({ machine }, state, lock, agentConnector(state, name)),
    },
  );
  return runLayers(layers, { onResult, signal });
}
