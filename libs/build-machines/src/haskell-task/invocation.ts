import { benchCommand, buildCommand, type CommandPieces, haddockCommand, testCommand } from '@build-machines/haskell';
import type { ResolvedProject } from './resolve-task.js';
import type { CabalTask } from './task-groups.js';

/** The invocation of cabal that does a task's kind of work for some packages of its project. */
export function invocationFor(
  task: CabalTask,
  { haskell }: Pick<ResolvedProject, 'haskell'>,
  workspaceRoot: string,
  packages: readonly string[],
): CommandPieces {
  const request = { project: haskell, workspaceRoot, packages, args: task.options.args };
  switch (task.kind) {
    case 'build':
      return buildCommand(request);
    case 'test':
      return testCommand({ ...request, suites: task.suites });
    case 'bench':
      return benchCommand(request);
    case 'haddock':
      return haddockCommand(request);
  }
}
