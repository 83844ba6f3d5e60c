import { createProjectGraphAsync, type ExecutorContext, type ProjectGraph } from '@nx/devkit';
import { type ResolvedProject, resolveProject } from '../haskell-task/resolve-task.js';
import type { WatchTask } from './warm-ghci.js';

/**
 * The project as its files have it now; an executor's context holds what they had when it began.
 * @throws as resolveProject, for mistakes in the files of the project's own cabal project.
 */
export async function projectNow(
  context: ExecutorContext,
  { console, nxProject }: Pick<WatchTask, 'console' | 'nxProject'>,
): Promise<ResolvedProject> {
  resolveProject(context, nxProject, undefined); // Tells of mistakes with their position, which Nx would only count.
  let projectGraph: ProjectGraph;
  try {
    projectGraph = await createProjectGraphAsync({ exitOnError: false });
  } catch (error) {
    // A mistake elsewhere in the workspace.
    console.note(`Nx cannot read the whole workspace; the dependencies are those of before. ${String(error)}`);
    ({ projectGraph } = context);
  }
  return resolveProject({ root: context.root, projectGraph }, nxProject, undefined);
}
