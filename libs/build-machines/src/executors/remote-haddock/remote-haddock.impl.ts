import type { ExecutorContext } from '@nx/devkit';
import { runSingle } from '../../haskell-task/run-single.js';
import { Options } from './options.js';

/** Executor `remote-haddock`; see options.ts. */
export default function remoteHaddock(options: Options, context: ExecutorContext): Promise<{ success: boolean }> {
  return runSingle('haddock', Options.parse(options), context);
}
