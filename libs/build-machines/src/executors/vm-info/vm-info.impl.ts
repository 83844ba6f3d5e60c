import type { ExecutorContext } from '@nx/devkit';
import { describeMachine, descriptionLines } from '../../machine-task/machine-description.js';
import { runMachineTask } from '../../machine-task/run-machine-task.js';
import { Options } from './options.js';

/** Executor `vm-info`; see options.ts. */
export default function vmInfo(options: Options, context: ExecutorContext): Promise<{ success: boolean }> {
  const parsed = Options.parse(options);
  return runMachineTask(parsed, context, async ({ machine, state, signal }) => {
    const description = await describeMachine(machine, state, signal);
    process.stdout.write(parsed.json ? `${JSON.stringify(description, null, 2)}\n` : descriptionLines(description));
  });
}
