import { watchCommand } from '@build-machines/haskell';
import { onSessionMachine } from '../../haskell-task/on-session-machine.js';
import { watchProject } from '../../haskell-task/watch-project.js';
import { defineExecutor } from '../../options/define-executor.js';
import { Options } from './options.js';

/** Executor `remote-watch`; see options.ts. Ends when it is interrupted. */
export default defineExecutor(Options, (options, context) =>
  onSessionMachine(options, context, ({ label, project, machine, console, signal }) => {
    const { root: workspaceRoot } = context;
    const { haskell, packages } = project;
    const [name = ''] = packages;
    const { component, args } = options;
    const pieces = watchCommand({ project: haskell, workspaceRoot, package: name, component, args });
    return watchProject({ workspaceRoot, label, project, options, pieces, signal }, machine, console);
  }),
);
