import { requireUsableArguments } from '@build-machines/haskell';
import { stateFolder } from '@build-machines/machines';
import type { ExecutorContext } from '@nx/devkit';
import { openMachine } from '../machine-task/open-machine.js';
import type { OpenedMachine } from '../machine-task/opened-machine.js';
import type { HaskellOptions } from '../options/haskell-options.js';
import { machinesInOrder } from '../placing/machines-in-order.js';
import { runExecutor } from '../reporting/run-executor.js';
import { resolveProject, type ResolvedProject } from './resolve-task.js';
import { RunConsole } from './run-console.js';
import { currentTask } from './run-single.js';

/** What the body of a session's target is given. */
export interface SessionSurroundings {
  /** The Nx task. */
  readonly label: string;
  /** Name of the Nx project. */
  readonly nxProject: string;
  readonly project: ResolvedProject;
  readonly machine: OpenedMachine;
  readonly console: RunConsole;
  readonly signal: AbortSignal;
}

/** Body of the executors that keep a session on a machine: finds the project and a machine that is there, and opens it. */
export function onSessionMachine(
  options: HaskellOptions,
  context: ExecutorContext,
  body: (session: SessionSurroundings) => Promise<boolean>,
): Promise<{ success: boolean }> {
  return runExecutor(async (signal) => {
    const { project: name, target } = currentTask(context);
    const console = new RunConsole(process, context.isVerbose);
    try {
      requireUsableArguments(options.args);
      const project = resolveProject(context, name, undefined);
      const [host] = await machinesInOrder(
        context.root,
        options,
        { cabalFolder: project.cabalFolder, purpose: 'session' },
        { state: stateFolder(), env: process.env, signal },
      );
      const machine = await openMachine(context.root, host, { console, signal });
      return await body({ label: `${name}:${target}`, nxProject: name, project, machine, console, signal });
    } finally {
      console.close();
    }
  });
}
