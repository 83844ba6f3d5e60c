import { bringUp } from '../../machine-task/bring-up.js';
import { runMachineTask } from '../../machine-task/run-machine-task.js';
import { defineExecutor } from '../../options/define-executor.js';
import { Options } from './options.js';

/** Executor `up`; see options.ts. */
export default defineExecutor(Options, (options, context) => {
  return runMachineTask(options, context, async ({ machine, state, note, signal }) => {
    const changed = await bringUp(machine, state, { onProgress: note, signal });
    note(changed ? `${machine.definition.name} is up` : `${machine.definition.name} is up already`);
  });
});
