import { runSingle } from '../../haskell-task/run-single.js';
import { defineExecutor } from '../../options/define-executor.js';
import { Options } from './options.js';

/** Executor `remote-haddock`; see options.ts. */
export default defineExecutor(Options, (options, context) => {
  return runSingle('haddock', options, context);
});
