import { watchCommand } from '@build-machines/haskell';
import { stateFolder } from '@build-machines/machines';
import { resolveProject } from '../../haskell-task/resolve-task.js';
import { RunConsole } from '../../haskell-task/run-console.js';
import { currentTask } from '../../haskell-task/run-single.js';
import { watchProject } from '../../haskell-task/watch-project.js';
import { openMachine } from '../../machine-task/open-machine.js';
import { machinesInOrder } from '../../placing/machines-in-order.js';
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
      const [host] = await machinesInOrder(
        context.root,
        options,
        { cabalFolder: resolved.cabalFolder, purpose: 'session' },
        { state: stateFolder(), env: process.env, signal },
      );
      const machine = await openMachine(context.root, host, { console, signal });
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
