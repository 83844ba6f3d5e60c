import { endProcesses, killGroup } from '../processes/end-processes.js';
import { descendantsOf } from '../processes/find-processes.js';
import { isRunning, type ProcessIdentity } from '../processes/process-identity.js';

/**
 * Ends a child and what belongs to it: the child first (it may end its own children in order), then what is left of its
 * process group and, where asked, of its descendants.
 */
export async function endChild(
  identity: ProcessIdentity,
  options: { signal?: NodeJS.Signals; graceMs?: number; endDescendants: boolean },
): Promise<void> {
  if (!isRunning(identity)) return;
  // Looked up before: orphans are no longer found below their parent.
  const descendants = options.endDescendants ? descendantsOf(identity.pid) : [];
  await endProcesses([identity], options);
  killGroup(identity.pid);
  await endProcesses(descendants, { graceMs: 1_000 });
}
