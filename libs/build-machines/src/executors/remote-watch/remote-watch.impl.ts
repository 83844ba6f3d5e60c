import { watchCommand } from '@build-machines/haskell';
import { chooseMachine } from '../../haskell-task/choose-machine.js';
import { resolveProject } from '../../haskell-task/resolve-task.js';
import { RunConsole } from '../../haskell-task/run-console.js';
import { currentTask } from '../../haskell-task/run-single.js';
import { watchProject } from '../../haskell-task/watch-project.js';
import { openMachine } from '../../machine-task/open-machine.js';
import { runExecutor } from '../../reporting/run-executor.js';
import { defineExecutor } from '../../options/define-executor.js';
import { Options } from './options.js';

/** Executor `remote-watch`; see options.ts. Ends when it is interrupted. */
export default defineExecutor(Options, (options, context) => {
  return runExecutor(async (signal) => {
    const { project, target } = currentTask(context);
    const console = new RunConsole(process, context.isVerbose);
    try {
      const resolved = resolveProject(context, project, undefined);
      const [name = ''] = resolved.packages;
      const machine = await openMachine(context.root, await chooseMachine(context.root, options.machine), {
        console,
        signal,
      });
      const { haskell } = resolved;
      const pieces = watchCommand({
        project: haskell,
        workspaceRoot: context.root,
        package: name,
        component: options.component,
        args: options.args,
      });
      return await watchProject(
        {
          workspaceRoot: context.root,
          label: `${project}:${target}`,
          project: resolved,
          options: options,
          pieces,
          signal,
        },
        machine,
        console,
      );
    } finally {
      console.close();
    }
  });
});
