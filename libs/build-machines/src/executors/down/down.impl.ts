import type { ExecutorContext } from '@nx/devkit';
import { runMachineTask } from '../../machine-task/run-machine-task.js';
import { takeDown } from '../../machine-task/take-down.js';
import { Options } from './options.js';

/** Executor `down`; see options.ts. */
export default function down(options: Options, context: ExecutorContext): Promise<{ success: boolean }> {
  return runMachineTask(Options.parse(options), context, async ({ machine, state, note, signal }) => {
    await takeDown(machine, state, { onProgress: note, signal });
    note(`${machine.definition.name} is down`);
  });
}
