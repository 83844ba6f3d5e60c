import { runCommand } from '@build-machines/haskell';
import type { ExecutorContext } from '@nx/devkit';
import { runInteractive } from '../../haskell-task/run-interactive.js';
import { Options } from './options.js';

/** Executor `remote-run`; see options.ts. */
export default function remoteRun(options: Options, context: ExecutorContext): Promise<{ success: boolean }> {
  const { args, ...parsed } = Options.parse(options);
  return runInteractive({ ...parsed, args: [] }, context, ({ haskell, packages: [name = ''] }) =>
    runCommand({
      project: haskell,
      workspaceRoot: context.root,
      package: name,
      executable: parsed.executable,
      programArguments: args,
    }),
  );
}
