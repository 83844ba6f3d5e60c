import { fetchForProject } from '../../haskell-task/fetch-for-project.js';
import { runExecutor } from '../../reporting/run-executor.js';
import { currentTask } from '../../haskell-task/run-single.js';
import { defineExecutor } from '../../options/define-executor.js';
import { Options } from './options.js';

/** Executor `fetch-artifacts`; see options.ts. */
export default defineExecutor(Options, (options, context) => {
  return runExecutor((signal) =>
    fetchForProject(currentTask(context), options, { context, verbose: context.isVerbose, signal }),
  );
});
