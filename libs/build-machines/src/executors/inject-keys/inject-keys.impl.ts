import { runMachineTask } from '../../machine-task/run-machine-task.js';
import { injectInto } from '../../vm-task/inject.js';
import { defineExecutor } from '../../options/define-executor.js';
import { Options } from './options.js';

/** Executor `inject-keys`; see options.ts. */
export default defineExecutor(Options, (options, context) => {
  const { keysFolder, forgetHostKey, rotate, force, ...parsed } = options;
  return runMachineTask(parsed, context, ({ machine, state, note, signal }) =>
    injectInto(machine, state, { keysFolder, forgetHostKey, rotate, force, onProgress: note, signal }),
  );
});
