import type { LocatedCompilerField } from '@build-machines/haskell';
import type { ReusedPackage } from '@build-machines/protocol';
import type { GivenRepository } from '../git-info/given-repository.js';
import type { SourcesOf } from './task-sources.js';
import type { CabalTaskOptions } from '../options/haskell-options.js';

/** What a task does; decides the cabal command. */
export type CabalTaskKind = 'build' | 'test' | 'bench' | 'haddock';

/** One task of Nx's, resolved: what of which packages is to be done where, and which sources that takes. */
export interface CabalTask {
  /** Nx's task id, such as `my-app:remote-build`. */
  readonly taskId: string;
  readonly project: string;
  readonly target: string;
  readonly kind: CabalTaskKind;
  /** The machine that the task names; undefined: any of its pool. */
  readonly machine: string | undefined;
  /** Folder of cabal.project, relative to the workspace. */
  readonly cabalFolder: string;
  readonly packages: readonly string[];
  /** Test suites to run; absent: all. */
  readonly suites: readonly string[] | undefined;
  /** The traits that its hash has; undefined where none is known. */
  readonly hashedTraits: readonly string[] | undefined;
  /** What its project's files say about the compiler. */
  readonly compilers: readonly LocatedCompilerField[];
  /** What it needs of the workspace. */
  readonly sources: SourcesOf;
  /** What it reuses of earlier builds. */
  readonly reused: readonly ReusedPackage[];
  /** The variables that it passes to the machine, with their values. */
  readonly passed: Readonly<Record<string, string>>;
  /** The git repository that it is given, where its options ask for one. */
  readonly repository: GivenRepository | undefined;
  readonly options: CabalTaskOptions;
}

/** Tasks that one cabal invocation on one machine can do together. */
export type TaskGroup = readonly [CabalTask, ...CabalTask[]];

/**
 * Puts together what can share one sync and one cabal invocation: the same kind of work in the same cabal.project on the
 * same machine with the same toolchain, arguments, environment and time limit. Tasks that name test suites are left
 * alone, because a suite's name says nothing about the packages of the others.
 * @returns groups in the order of their first task.
 */
export function groupTasks(tasks: readonly CabalTask[]): TaskGroup[] {
  const groups = new Map<string, [CabalTask, ...CabalTask[]]>();
  for (const task of tasks) {
    const key = JSON.stringify([
      task.kind,
      task.machine,
      task.cabalFolder,
      task.options.labels,
      task.options.ghc,
      task.options.cabal,
      task.options.args,
      task.passed,
      task.options.timeoutSeconds,
      task.options.accept,
      task.suites === undefined ? null : task.taskId,
    ]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [task]);
    else group.push(task);
  }
  return [...groups.values()];
}

/** What a group reuses of earlier builds: each package once. */
export function reusedBy(group: TaskGroup): ReusedPackage[] {
  return [...new Map(group.flatMap((task) => task.reused).map((item) => [item.name, item])).values()];
}
