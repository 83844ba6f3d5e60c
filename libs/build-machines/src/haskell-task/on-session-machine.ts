import { requireUsableArguments } from '@build-machines/haskell';
import { stateFolder } from '@build-machines/machines';
import type { ListSources } from '@build-machines/remote';
import { TaskPlanner } from '@build-machines/sources';
import type { ExecutorContext } from '@nx/devkit';
import { type GivenRepository, givenRepository } from '../git-info/given-repository.js';
import { openMachine } from '../machine-task/open-machine.js';
import type { OpenedMachine } from '../machine-task/opened-machine.js';
import type { HaskellOptions } from '../options/haskell-options.js';
import { machinesInOrder } from '../placing/machines-in-order.js';
import { runExecutor } from '../reporting/run-executor.js';
import { resolveProject, type ResolvedProject } from './resolve-task.js';
import { RunConsole } from './run-console.js';
import { currentTask } from './run-single.js';
import { sessionSources } from './session-sources.js';

/** What the body of a session's target is given. */
export interface SessionSurroundings {
  /** The Nx task. */
  readonly label: string;
  /** Name of the Nx project. */
  readonly nxProject: string;
  readonly project: ResolvedProject;
  /** Lists what is to be sent of the workspace. */
  readonly sources: ListSources;
  readonly machine: OpenedMachine;
  /** The git repository that its command is given, where the options ask for one. */
  readonly repository: GivenRepository | undefined;
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
      const planner = new TaskPlanner(context);
      const project = resolveProject(context, name, undefined, planner);
      const sources = sessionSources(context, project, planner, console);
      const [host] = await machinesInOrder(
        context.root,
        options,
        { cabalFolder: project.cabalFolder, purpose: 'session' },
        { state: stateFolder(), env: process.env, signal },
      );
      const machine = await openMachine(context.root, host, { console, signal });
      const repository = options.gitInfo === true ? await givenRepository(context.root) : undefined;
      const label = `${name}:${target}`;
      return await body({ label, nxProject: name, project, sources, machine, repository, console, signal });
    } finally {
      console.close();
    }
  });
}
