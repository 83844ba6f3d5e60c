import { BuildMachinesError } from '@build-machines/protocol';
import type { ProjectGraph, Task, TaskGraph } from '@nx/devkit';
import type { NxJsonConfiguration } from '@nx/devkit';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/**
 * All that build-machines uses of Nx beyond its public API, in one place, because another release of Nx may change it.
 * `@nx/devkit` has no way to ask which files a task's hash covers. Everything is looked up when it is first needed, so a
 * release without it fails with a message that names it, and only where it is needed.
 */
export interface NxInternals {
  /** Takes stock of the workspace's files, by the ignore rules of Nx. */
  readonly WorkspaceContext: new (root: string, cacheFolder: string) => NxWorkspaceContext;
  readonly workspaceDataDirectoryForWorkspace: (root: string) => string;
  readonly InProcessTaskHasher: new (
    graph: ProjectGraph,
    nxJson: NxJsonConfiguration,
    files: unknown,
    options: object,
  ) => NxTaskHasher;
  readonly createTaskGraph: (
    graph: ProjectGraph,
    extraTargetDependencies: object,
    projects: string[],
    targets: string[],
    configuration: string | undefined,
    overrides: object,
  ) => TaskGraph;
  /** The hash that Nx gives a file's content; `hashArray` of one text is that of a file with this text. */
  readonly hashArray: (parts: string[]) => string;
  readonly hashFile: (path: string) => string | null;
}

interface NxWorkspaceContext {
  getWorkspaceFiles(projectRootMap: Record<string, string>): NxWorkspaceFiles;
}

interface NxFile {
  readonly file: string;
  readonly hash: string;
}

/** A snapshot of the workspace: every file that Nx knows, with the hash of its content. */
export interface NxWorkspaceFiles {
  readonly projectFileMap: Readonly<Record<string, readonly NxFile[]>>;
  readonly globalFiles: readonly NxFile[];
  readonly externalReferences: unknown;
}

interface NxTaskHasher {
  hashTasks(
    tasks: Task[],
    taskGraph: TaskGraph,
    environments: Record<string, NodeJS.ProcessEnv>,
    cwd: string,
    collectInputs: true,
  ): Promise<NxTaskHash[]>;
}

/** The hash of a task, with what went into it. */
export interface NxTaskHash {
  readonly value: string;
  readonly details: { readonly nodes: Readonly<Record<string, string>> };
  readonly inputs: {
    readonly files: readonly string[];
    readonly depOutputs: readonly string[];
    readonly runtime: readonly string[];
  };
}

/** Where each of them is. */
const PLACES: Readonly<Record<keyof NxInternals, string>> = {
  WorkspaceContext: 'nx/src/native',
  workspaceDataDirectoryForWorkspace: 'nx/src/utils/cache-directory',
  InProcessTaskHasher: 'nx/src/hasher/task-hasher',
  createTaskGraph: 'nx/src/tasks-runner/create-task-graph',
  hashArray: 'nx/src/native',
  hashFile: 'nx/src/native',
};

let found: NxInternals | undefined;

/** @throws NxInternalsMissingError */
export function nxInternals(): NxInternals {
  return (found ??= lookUp(createRequire(__filename)));
}

function lookUp(require: NodeJS.Require): NxInternals {
  const entries = Object.entries(PLACES).map(([name, place]): [string, unknown] => {
    const module = loaded(require, place);
    if (typeof module?.[name] !== 'function') throw new NxInternalsMissingError(name, place, nxVersion(require));
    return [name, module[name]];
  });
  return Object.fromEntries(entries) as unknown as NxInternals;
}

function loaded(require: NodeJS.Require, place: string): Record<string, unknown> | undefined {
  try {
    return require(place) as Record<string, unknown>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return undefined;
    if ((error as NodeJS.ErrnoException).code === 'ERR_PACKAGE_PATH_NOT_EXPORTED') return undefined;
    throw error;
  }
}

function nxVersion(require: NodeJS.Require): string {
  const manifest = JSON.parse(readFileSync(require.resolve('nx/package.json'), 'utf8')) as { version: string };
  return manifest.version;
}

/** The installed Nx lacks a part that build-machines reads the inputs of tasks with. */
export class NxInternalsMissingError extends BuildMachinesError {
  readonly code = 'nx-unsupported';
  constructor(name: string, place: string, version: string) {
    super(`Nx ${version} has no "${name}" in ${place}, which build-machines needs to read the inputs of a task.`, {
      hint: 'Install a release of Nx that this release of build-machines supports, such as: npm install -D nx@23.2.1',
      details: { name, place, version },
    });
  }
}
