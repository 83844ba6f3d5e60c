import type { ExecutorContext } from '@nx/devkit';
import { fetchForProject } from '../../haskell-task/fetch-for-project.js';
import { runExecutor } from '../../reporting/run-executor.js';
import { currentTask } from '../../haskell-task/run-single.js';
import { Options } from './options.js';

/** Executor `fetch-artifacts`; see options.ts. */
export default function fetchArtifacts(options: Options, context: ExecutorContext): Promise<{ success: boolean }> {
  return runExecutor((signal) =>
    fetchForProject(currentTask(context), Options.parse(options), { context, verbose: context.isVerbose, signal }),
  );
}
