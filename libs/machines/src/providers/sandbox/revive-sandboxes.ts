import { BuildMachinesError } from '@build-machines/protocol';
import type { StateFolder } from '../../state/state-folder.js';
import { runningInstance } from '../../supervision/instance.js';
import { sandboxLayout } from './layout.js';
import { withSandboxLock } from './sandbox-lock.js';
import { allSandboxRecords, readSandboxRecord } from './sandbox-record.js';
import { startSupervisor } from './start-supervisor.js';

/**
 * Starts the supervisor of every sandbox that shall run and whose supervisor was killed; it adopts what still runs. For
 * whoever lives long enough to look now and then: the bridge.
 * @returns the names of those revived; a sandbox that cannot be is reported through `onProblem`, and does not hinder others.
 */
export async function reviveSandboxes(
  state: StateFolder,
  onProblem: (name: string, error: BuildMachinesError) => void,
): Promise<string[]> {
  const revived: string[] = [];
  for (const { name, wanted } of await allSandboxRecords(state)) {
    const layout = sandboxLayout(state, name);
    if (!wanted || (await runningInstance(layout.supervisorInstance)) !== undefined) continue;
    try {
      await withSandboxLock(layout, async () => {
        const isWanted = (await readSandboxRecord(layout.record))?.wanted === true;
        if (!isWanted || (await runningInstance(layout.supervisorInstance)) !== undefined) return;
        await startSupervisor(layout);
        revived.push(name);
      });
    } catch (error) {
      if (!(error instanceof BuildMachinesError)) throw error;
      onProblem(name, error);
    }
  }
  return revived;
}
