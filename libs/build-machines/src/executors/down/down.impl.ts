import { runMachineTask } from '../../machine-task/run-machine-task.js';
import { takeDown } from '../../machine-task/take-down.js';
import { defineExecutor } from '../../options/define-executor.js';
import { Options } from './options.js';

/** Executor `down`; see options.ts. */
export default defineExecutor(Options, ({ force, ...parsed }, context) => {
  return runMachineTask(parsed, context, async ({ machine, state, note, signal }) => {
    await takeDown(machine, state, { onProgress: note, force, signal });
    note(`${machine.definition.name} is down`);
  });
});
