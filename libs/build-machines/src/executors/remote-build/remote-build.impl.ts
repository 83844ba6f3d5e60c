import type { ExecutorContext } from '@nx/devkit';
import { runSingle } from '../../haskell-task/run-single.js';
import { Options } from './options.js';

/** Executor `remote-build`; see options.ts. */
export default function remoteBuild(options: Options, context: ExecutorContext): Promise<{ success: boolean }> {
  return runSingle('build', Options.parse(options), context);
}
