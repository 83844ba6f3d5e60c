import { TaskPlanner } from '@build-machines/sources';
import { createProjectGraphAsync, type ExecutorContext, type ProjectGraph } from '@nx/devkit';
import { resolveProject } from '../haskell-task/resolve-task.js';
import { sessionSources } from '../haskell-task/session-sources.js';
import type { WatchTask } from './warm-ghci.js';

/**
 * The project and its sources as its files have them now; an executor's context holds what they had when it began.
 * @throws as resolveProject, for mistakes in the files of the project's own cabal project.
 */
export async function projectNow(
  context: ExecutorContext,
  { console, nxProject }: Pick<WatchTask, 'console' | 'nxProject'>,
): Promise<Pick<WatchTask, 'project' | 'sources'>> {
  resolveProject(context, nxProject, undefined, new TaskPlanner(context)); // Tells of mistakes with their position, which Nx would only count.
  let projectGraph: ProjectGraph;
  try {
    projectGraph = await createProjectGraphAsync({ exitOnError: false });
  } catch (error) {
    // A mistake elsewhere in the workspace.
    console.note(`Nx cannot read the whole workspace; the dependencies are those of before. ${String(error)}`);
    ({ projectGraph } = context);
  }
  const now = { ...context, projectGraph };
  const planner = new TaskPlanner(now);
  const project = resolveProject(now, nxProject, undefined, planner);
  return { project, sources: sessionSources(now, project, planner, console) };
}
