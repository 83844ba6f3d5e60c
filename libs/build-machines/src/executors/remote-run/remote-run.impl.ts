import { runCommand } from '@build-machines/haskell';
import { runInteractive } from '../../haskell-task/run-interactive.js';
import { defineExecutor } from '../../options/define-executor.js';
import { Options } from './options.js';

/** Executor `remote-run`; see options.ts. */
export default defineExecutor(Options, (options, context) => {
  const { args, ...parsed } = options;
  return runInteractive({ ...parsed, args: [] }, context, ({ haskell, packages: [name = ''] }) =>
    runCommand({
      project: haskell,
      workspaceRoot: context.root,
      package: name,
      executable: parsed.executable,
      programArguments: args,
    }),
  );
});
