import { inspectMachines, readPortRegistry } from '@build-machines/machines';
import { BuildMachinesError } from '@build-machines/protocol';
import { count } from '../../../haskell-task/run-console.js';
import type { Check } from '../check.js';

/**
 * Reads the workspace's definitions, which most other checks depend on.
 * @param root undefined outside of a workspace.
 */
export function workspaceCheck(root: string | undefined): Check {
  return {
    id: 'workspace',
    title: 'Workspace',
    async inspect() {
      if (root === undefined)
        return { status: 'warning', found: 'no nx.json here or above', fix: 'Run doctor in an Nx workspace.' };
      try {
        const { machines } = await readPortRegistry(root);
        const inspected = await inspectMachines(root);
        const [problem] = inspected.problems;
        if (problem !== undefined) return { status: 'missing', found: problem.message, fix: problem.hint };
        return {
          status: 'ok',
          found: `${count(inspected.machines.length, 'machine')}, ${count(Object.keys(machines).length, 'port')} in use`,
        };
      } catch (error) {
        if (!(error instanceof BuildMachinesError)) throw error;
        return { status: 'missing', found: error.message, fix: error.hint };
      }
    },
  };
}
