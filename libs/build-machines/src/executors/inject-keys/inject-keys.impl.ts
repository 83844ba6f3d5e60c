import type { ExecutorContext } from '@nx/devkit';
import { runMachineTask } from '../../machine-task/run-machine-task.js';
import { injectInto } from '../../vm-task/inject.js';
import { Options } from './options.js';

/** Executor `inject-keys`; see options.ts. */
export default function injectKeys(options: Options, context: ExecutorContext): Promise<{ success: boolean }> {
  const { keysFolder, rotate, ...parsed } = Options.parse(options);
  return runMachineTask(parsed, context, ({ machine, state, note, signal }) =>
    injectInto(machine, state, { keysFolder, rotate, onProgress: note, signal }),
  );
}
