import { BuildMachinesError } from '@build-machines/protocol';
import { loadMachine, type LoadedMachine } from './load.js';
import { machineNames } from './names.js';

/** All machines of a workspace, sorted by name. A broken definition does not hide the others: its error is in `problems`. */
export async function inspectMachines(
  workspaceRoot: string,
): Promise<{ machines: LoadedMachine[]; problems: BuildMachinesError[] }> {
  const machines: LoadedMachine[] = [];
  const problems: BuildMachinesError[] = [];
  for (const name of await machineNames(workspaceRoot)) {
    try {
      machines.push(await loadMachine(workspaceRoot, name));
    } catch (error) {
      if (!(error instanceof BuildMachinesError)) throw error;
      problems.push(error);
    }
  }
  return { machines, problems };
}
