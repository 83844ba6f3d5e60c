import type { ExecutorContext } from '@nx/devkit';
import { runMachineTask } from '../../machine-task/run-machine-task.js';
import { virtualMachineOf } from '../../vm-task/virtual-machine.js';
import { Options } from './options.js';

/** Executor `vm-stop`; see options.ts. */
export default function vmStop(options: Options, context: ExecutorContext): Promise<{ success: boolean }> {
  const { timeoutSeconds, ...parsed } = Options.parse(options);
  return runMachineTask(parsed, context, ({ machine, state, note, signal }) =>
    virtualMachineOf(machine, state).stop(timeoutSeconds * 1000, { onProgress: note, signal }),
  );
}
