import { type LoadedMachine, loadMachine, type StateFolder, stateFolder } from '@build-machines/machines';
import type { ExecutorContext } from '@nx/devkit';
import { ProgressLine } from '../reporting/progress-line.js';
import { runExecutor } from '../reporting/run-executor.js';

/** What the body of a machine's target is given. */
export interface MachineTask {
  readonly workspaceRoot: string;
  readonly machine: LoadedMachine;
  readonly state: StateFolder;
  /** Prints a line that stays. */
  readonly note: (text: string) => void;
  readonly progress: ProgressLine;
  readonly signal: AbortSignal;
}

/**
 * Body of the executors that act on a machine: finds the machine (the project's own, or the one that the options name),
 * and reports errors in the one way. A body that resolves to false fails the target without a further message.
 */
export function runMachineTask(
  options: { readonly machine?: string },
  context: ExecutorContext,
  body: (task: MachineTask) => Promise<unknown>,
): Promise<{ success: boolean }> {
  return runExecutor(async (signal) => {
    const progress = new ProgressLine(process.stderr);
    try {
      const machine = await loadMachine(context.root, options.machine ?? context.projectName ?? '');
      const note = (text: string): void => {
        progress.clear();
        process.stderr.write(`▸ ${text}\n`);
      };
      const task = { workspaceRoot: context.root, machine, state: stateFolder(), note, progress, signal };
      return (await body(task)) !== false;
    } finally {
      progress.clear();
    }
  });
}
