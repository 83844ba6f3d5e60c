import type { ExecutorContext } from '@nx/devkit';
import type { HaskellOptions } from '../options/haskell-options.js';
import { onSessionMachine } from './on-session-machine.js';
import type { ResolvedProject } from './resolve-task.js';
import { runSession, type SessionPieces } from './session-task.js';

/** Body of the executors that give a command of the machine this terminal. */
export function runInteractive(
  options: HaskellOptions,
  context: ExecutorContext,
  piecesOf: (project: ResolvedProject) => SessionPieces,
): Promise<{ success: boolean }> {
  return onSessionMachine(
    options,
    context,
    async ({ label, project, sources, machine, repository, console, signal }) => {
      const pieces = piecesOf(project);
      const { report } = console;
      const task = {
        workspaceRoot: context.root,
        label,
        project,
        sources,
        options,
        pieces,
        repository,
        report,
        signal,
      };
      const status = await runSession(task, machine);
      // Nx itself ends with 1, whatever the program's own status was.
      if (status !== 0) console.note(`The program ended with status ${status}.`);
      return status === 0;
    },
  );
}
