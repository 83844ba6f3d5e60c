import { removeFile, removeTree } from '@build-machines/owned-files';
import { BuildMachinesError } from '@build-machines/protocol';
import { removeMachineAccess } from '../../access/access-record.js';
import { endProcesses } from '../../processes/end-processes.js';
import { processesWithEnvironment } from '../../processes/find-processes.js';
import type { StateFolder } from '../../state/state-folder.js';
import { forgetInstance, runningInstance } from '../../supervision/instance.js';
import { endRecordedChildren } from '../../supervision/supervise.js';
import { sandboxLayout } from './layout.js';
import { withSandboxLock } from './sandbox-lock.js';
import { readSandboxRecord, writeSandboxRecord } from './sandbox-record.js';

/** Processes of a sandbox could not be ended. */
export class SandboxNotStoppedError extends BuildMachinesError {
  readonly code = 'sandbox-not-stopped';
}

/** How long the supervisor may take to end the machine in order, in milliseconds; then it is done without it. */
const ORDERLY_MS = 25_000;

/**
 * Takes a sandbox down: nothing of it runs afterwards, also where its supervisor was killed before. Its mirrors and
 * builds stay, unless `remove` is set.
 * @throws SandboxNotStoppedError when a process cannot be ended.
 */
export async function sandboxDown(options: {
  readonly state: StateFolder;
  readonly name: string;
  /** Also delete the machine's folder, with everything in it. */
  readonly remove?: boolean;
}): Promise<void> {
  const { state, name, remove = false } = options;
  const layout = sandboxLayout(state, name);
  await withSandboxLock(layout, async () => {
    const record = await readSandboxRecord(layout.record);
    // First, so that nobody revives what is being ended.
    if (record?.wanted === true) await writeSandboxRecord(layout.record, { ...record, wanted: false });
    await removeMachineAccess(state, name);
    const supervisor = await runningInstance(layout.supervisorInstance);
    if (supervisor !== undefined) await endProcesses([supervisor], { graceMs: ORDERLY_MS });
    await endRecordedChildren(layout.supervisor);
    // Runs, sessions and what they left: everything in the machine has its home folder as HOME.
    const left = await endProcesses(processesWithEnvironment('HOME', layout.home), { graceMs: 2_000 });
    if (left.length > 0)
      throw new SandboxNotStoppedError(
        `machine "${name}" is down but for processes ${left.map(({ pid }) => pid).join(', ')}, which do not end`,
        { hint: 'They hang in the kernel or belong to another user; look at them with ps.' },
      );
    await forgetInstance(layout.supervisorInstance);
    await removeFile(layout.agentSocket);
  });
  if (remove) await removeTree(layout.root);
}
