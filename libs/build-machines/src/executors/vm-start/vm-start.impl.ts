import { runMachineTask } from '../../machine-task/run-machine-task.js';
import { virtualMachineOf } from '../../vm-task/virtual-machine.js';
import { defineExecutor } from '../../options/define-executor.js';
import { Options } from './options.js';

/** Executor `vm-start`; see options.ts. */
export default defineExecutor(Options, (options, context) => {
  return runMachineTask(options, context, ({ machine, state, note, signal }) =>
    virtualMachineOf(machine, state).start({ onProgress: note, signal }),
  );
});
