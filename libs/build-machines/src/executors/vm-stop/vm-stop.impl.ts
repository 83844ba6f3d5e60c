import { leaveBusyAlone } from '../../machine-task/leave-busy-alone.js';
import { runMachineTask } from '../../machine-task/run-machine-task.js';
import { virtualMachineOf } from '../../vm-task/virtual-machine.js';
import { defineExecutor } from '../../options/define-executor.js';
import { Options } from './options.js';

/** Executor `vm-stop`; see options.ts. */
export default defineExecutor(Options, (options, context) => {
  const { timeoutSeconds, force, ...parsed } = options;
  return runMachineTask(parsed, context, ({ machine, state, note, signal }) =>
    leaveBusyAlone(machine, state, { forced: force, signal }, () =>
      virtualMachineOf(machine, state).stop(timeoutSeconds * 1000, { onProgress: note, signal }),
    ),
  );
});
