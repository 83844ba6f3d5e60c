import type { CommandPieces } from '@build-machines/haskell';
import { stateFolder } from '@build-machines/machines';
import type { ExecutorContext } from '@nx/devkit';
import { openMachine } from '../machine-task/open-machine.js';
import type { HaskellOptions } from '../options/haskell-options.js';
import { runExecutor } from '../reporting/run-executor.js';
import { machinesInOrder } from '../placing/machines-in-order.js';
import { resolveProject, type ResolvedProject } from './resolve-task.js';
import { RunConsole } from './run-console.js';
import { currentTask } from './run-single.js';
import { runSession } from './session-task.js';

/** Body of the executors that give a command of the machine this terminal. */
export function runInteractive(
  options: HaskellOptions,
  context: ExecutorContext,
  piecesOf: (project: ResolvedProject) => Pick<CommandPieces, 'prepare' | 'argv' | 'cwd'>,
): Promise<{ success: boolean }> {
  return runExecutor(async (signal) => {
    const { project, target } = currentTask(context);
    const console = new RunConsole(process, context.isVerbose);
    try {
      const resolved = resolveProject(context, project, undefined);
      const [name] = await machinesInOrder(
        context.root,
        options,
        { cabalFolder: resolved.cabalFolder, purpose: 'session' },
        { state: stateFolder(), env: process.env, signal },
      );
      const machine = await openMachine(context.root, name, { console, signal });
      const status = await runSession(
        {
          workspaceRoot: context.root,
          label: `${project}:${target}`,
          project: resolved,
          options,
          pieces: piecesOf(resolved),
          report: console.report,
          signal,
        },
        machine,
      );
      // Nx itself ends with 1, whatever the program's own status was.
      if (status !== 0) console.note(`The program ended with status ${status}.`);
      return status === 0;
    } finally {
      console.close();
    }
  });
}
