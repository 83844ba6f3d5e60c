import type { ExecutorContext } from '@nx/devkit';
import { runMachineTask } from '../../machine-task/run-machine-task.js';
import { virtualMachineOf } from '../../vm-task/virtual-machine.js';
import { Options } from './options.js';

/** Executor `vm-start`; see options.ts. */
export default function vmStart(options: Options, context: ExecutorContext): Promise<{ success: boolean }> {
  return runMachineTask(Options.parse(options), context, ({ machine, state, note, signal }) =>
    virtualMachineOf(machine, state).start({ onProgress: note, signal }),
  );
}
