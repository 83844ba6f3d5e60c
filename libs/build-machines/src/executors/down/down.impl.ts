import { runMachineTask } from '../../machine-task/run-machine-task.js';
import { takeDown } from '../../machine-task/take-down.js';
import { defineExecutor } from '../../options/define-executor.js';
import { Options } from './options.js';

/** Executor `down`; see options.ts. */
export default defineExecutor(Options, (options, context) => {
  return runMachineTask(options, context, async ({ machine, state, note, signal }) => {
    await takeDown(machine, state, { onProgress: note, signal });
    note(`${machine.definition.name} is down`);
  });
});
