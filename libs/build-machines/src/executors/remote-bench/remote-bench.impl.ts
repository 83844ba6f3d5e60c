import type { ExecutorContext } from '@nx/devkit';
import { runSingle } from '../../haskell-task/run-single.js';
import { Options } from './options.js';

/** Executor `remote-bench`; see options.ts. */
export default function remoteBench(options: Options, context: ExecutorContext): Promise<{ success: boolean }> {
  return runSingle('bench', Options.parse(options), context);
}
