import { BuildMachinesError } from '@build-machines/protocol';
import { warmMachines } from '@build-machines/remote';
import { machinePool, type PoolOptions, poolNames } from './machine-pool.js';
import { MachineDrainedError, NoMachineUpError } from './pool-errors.js';
import { type HubSurroundings, workspaceHubIfThere } from './workspace-hub.js';

/** What takes no lease: a session, which may stay open all day, and fetching, which computes nothing. */
export type UnleasedPurpose = 'session' | 'fetch';

/**
 * The machines for what takes no lease, the best first: those that built the project before, then the others that are
 * there. A session does not begin on a machine that is being drained; artifacts are fetched from it all the same.
 * @param cabalFolder folder of cabal.project, relative to the workspace.
 * @throws NoMachineUpError, MachineDrainedError; what {@link machinePool} throws.
 */
export async function machinesInOrder(
  workspaceRoot: string,
  options: PoolOptions,
  { cabalFolder, purpose }: { cabalFolder: string; purpose: UnleasedPurpose },
  surroundings: HubSurroundings,
): Promise<[string, ...string[]]> {
  const pool = await machinePool(workspaceRoot, options);
  const names = poolNames(pool);
  const hub = await workspaceHubIfThere(pool, surroundings);
  const warm = (await warmMachines(workspaceRoot, cabalFolder)).filter((name) => names.includes(name));
  const inOrder = [...new Set([...warm, ...names])] as [string, ...string[]];
  // Nobody to ask: each machine's own answer says how it is.
  if (hub instanceof BuildMachinesError || hub.client === null) return inOrder;
  const listed = hub.known;
  const drained = listed.filter(({ name, mode }) => names.includes(name) && mode !== 'active');
  const isOpen = (name: string): boolean => purpose === 'fetch' || !drained.some((machine) => machine.name === name);
  const isReady = (name: string): boolean => listed.some((entry) => entry.name === name && entry.state === 'ready');
  const [best, ...rest] = inOrder.filter((name) => isOpen(name) && (names.length === 1 || isReady(name)));
  if (best !== undefined) return [best, ...rest];
  const [first] = drained;
  if (first !== undefined && purpose === 'session')
    throw new MachineDrainedError(first.name, first.mode, first.mode_note);
  const sandbox = pool.machines.find(({ definition }) => definition.provider === 'sandbox');
  if (sandbox === undefined) throw new NoMachineUpError(names, listed);
  return [sandbox.definition.name];
}
