import { replCommand } from '@build-machines/haskell';
import type { ExecutorContext } from '@nx/devkit';
import { runInteractive } from '../../haskell-task/run-interactive.js';
import { Options } from './options.js';

/** Executor `remote-ghci`; see options.ts. */
export default function remoteGhci(options: Options, context: ExecutorContext): Promise<{ success: boolean }> {
  const parsed = Options.parse(options);
  return runInteractive(parsed, context, ({ haskell, packages: [name = ''] }) =>
    replCommand({
      project: haskell,
      workspaceRoot: context.root,
      package: name,
      component: parsed.component,
      args: parsed.args,
    }),
  );
}
