import { onSessionMachine } from '../../haskell-task/on-session-machine.js';
import { defineExecutor } from '../../options/define-executor.js';
import { watchProject } from '../../watch/watch-project.js';
import { Options } from './options.js';

/** Executor `remote-watch`; see options.ts. Ends when it is interrupted. */
export default defineExecutor(Options, (options, context) =>
  onSessionMachine(options, context, (session) =>
    watchProject({ ...session, workspaceRoot: context.root, options }, context),
  ),
);
