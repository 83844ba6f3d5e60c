import type { ExecutorContext } from '@nx/devkit';
import { runSingle } from '../../haskell-task/run-single.js';
import { Options } from './options.js';

/** Executor `remote-test`; see options.ts. */
export default function remoteTest(options: Options, context: ExecutorContext): Promise<{ success: boolean }> {
  return runSingle('test', Options.parse(options), context);
}
