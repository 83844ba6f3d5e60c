import { replCommand } from '@build-machines/haskell';
import { runInteractive } from '../../haskell-task/run-interactive.js';
import { defineExecutor } from '../../options/define-executor.js';
import { Options } from './options.js';

/** Executor `remote-ghci`; see options.ts. */
export default defineExecutor(Options, (options, context) => {
  return runInteractive(options, context, ({ haskell, packages: [name = ''] }) =>
    replCommand({
      project: haskell,
      workspaceRoot: context.root,
      package: name,
      component: options.component,
      args: options.args,
    }),
  );
});
