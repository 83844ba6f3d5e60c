import type { ExecutorContext } from '@nx/devkit';
import { machineStatus, statusLines } from '../../machine-task/machine-status.js';
import { runMachineTask } from '../../machine-task/run-machine-task.js';
import { Options } from './options.js';

/** Executor `bridge-status`; see options.ts. Fails when something that a build needs does not work. */
export default function bridgeStatus(options: Options, context: ExecutorContext): Promise<{ success: boolean }> {
  const parsed = Options.parse(options);
  return runMachineTask(parsed, context, async ({ machine, state, signal }) => {
    const status = await machineStatus(machine, state, signal);
    process.stdout.write(parsed.json ? `${JSON.stringify(status, null, 2)}\n` : statusLines(status));
    return status.ok;
  });
}
