import { describeMachine, descriptionLines } from '../../machine-task/machine-description.js';
import { runMachineTask } from '../../machine-task/run-machine-task.js';
import { defineExecutor } from '../../options/define-executor.js';
import { Options } from './options.js';

/** Executor `vm-info`; see options.ts. */
export default defineExecutor(Options, (options, context) => {
  return runMachineTask(options, context, async ({ machine, state, signal }) => {
    const description = await describeMachine(machine, state, signal);
    process.stdout.write(options.json ? `${JSON.stringify(description, null, 2)}\n` : descriptionLines(description));
  });
});
