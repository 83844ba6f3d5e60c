import { machineStatus, statusLines } from '../../machine-task/machine-status.js';
import { runMachineTask } from '../../machine-task/run-machine-task.js';
import { defineExecutor } from '../../options/define-executor.js';
import { Options } from './options.js';

/** Executor `bridge-status`; see options.ts. Fails when something that a build needs does not work. */
export default defineExecutor(Options, (options, context) => {
  return runMachineTask(options, context, async ({ machine, state, signal }) => {
    const status = await machineStatus(machine, state, signal);
    process.stdout.write(options.json ? `${JSON.stringify(status, null, 2)}\n` : statusLines(status));
    return status.ok;
  });
});
