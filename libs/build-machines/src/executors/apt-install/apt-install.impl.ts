import { installOnMachine } from '../../machine-task/install-tools.js';
import { runMachineTask } from '../../machine-task/run-machine-task.js';
import { defineExecutor } from '../../options/define-executor.js';
import { Options } from './options.js';

/** Executor `apt-install`; see options.ts. */
export default defineExecutor(Options, (options, context) => {
  const { packages, force, ...parsed } = options;
  return runMachineTask(parsed, context, ({ machine, state, note, signal }) =>
    installOnMachine(machine, state, { kind: 'apt', packages }, { note, force, signal }),
  );
});
