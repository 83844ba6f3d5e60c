import type { ArtifactKind, RunCommand } from '@build-machines/protocol';
import { join, posix, relative, sep } from 'node:path';
import type { HaskellProject } from '../project/haskell-project.js';
import { type EnabledComponents, prepareCommands, projectFileArguments } from './project-preparation.js';

/** The parts of a {@link RunCommand} that this library decides; the caller adds label, environment and toolchain. */
export interface CommandPieces extends Pick<RunCommand, 'prepare' | 'argv' | 'cwd' | 'artifacts'> {
  /** Where packages are built, relative to the workspace: what is there is reused. */
  readonly outputFolder: string;
}

/** What a command acts on. */
export interface CommandRequest {
  readonly project: HaskellProject;
  /** Absolute path of the workspace; `cwd` is relative to it. */
  readonly workspaceRoot: string;
  /** Names of packages of the project; several make one batch, in one invocation of cabal. */
  readonly packages: readonly string[];
  /** Further arguments for cabal, put before the targets, one item each. */
  readonly args?: readonly string[];
  /** Default `dist-newstyle`. */
  readonly buildDir?: string;
}

/** Folder of what cabal builds, relative to the project. */
export const BUILD_DIR = 'dist-newstyle';

/** How one command of cabal is put together. */
export interface CabalInvocation {
  readonly command: string;
  readonly flags: readonly string[];
  readonly targets: readonly string[];
  readonly artifacts: readonly ArtifactKind[] | null;
  /** Kind of optional components that the packages of the request need built; others never are. Default: none. */
  readonly enabled?: EnabledComponents['field'];
  /** What follows `--`, for the program that is run. */
  readonly programArguments?: readonly string[];
}

/**
 * Puts a command together. Tests and benchmarks are switched off, whatever the project file says: the plan, and with it
 * the cache entry, must not depend on those of packages that are not meant. `--offline` is not among its flags: whether a machine may download is the machine's
 * configuration. Nothing here ever updates a package index.
 */
export function cabalCommand(request: CommandRequest, invocation: CabalInvocation): CommandPieces {
  const { project, workspaceRoot } = request;
  const buildDir = request.buildDir ?? BUILD_DIR;
  const folder = relative(workspaceRoot, project.dir).split(sep).join('/');
  const cwd = folder === '' ? '.' : folder;
  const { packages } = request;
  const enabled = invocation.enabled === undefined ? undefined : { field: invocation.enabled, packages };
  return {
    prepare: prepareCommands(project, buildDir, enabled),
    argv: [
      'cabal',
      invocation.command,
      ...projectFileArguments(project, buildDir, enabled),
      // Whatever the project's files or the machine's configuration say: the folder that is kept and searched for artifacts,
      // and the compiler that the run asked the machine for, which is the first of that name on its PATH.
      `--builddir=${buildDir}`,
      '--with-compiler=ghc',
      '--with-hc-pkg=ghc-pkg',
      '--disable-tests',
      '--disable-benchmarks',
      ...invocation.flags,
      ...(request.args ?? []),
      ...invocation.targets,
      ...(invocation.programArguments === undefined ? [] : ['--', ...invocation.programArguments]),
    ],
    cwd,
    outputFolder: posix.join(cwd, buildDir, 'build'),
    artifacts:
      invocation.artifacts === null
        ? null
        : {
            projectDir: cwd,
            buildDir: join(buildDir).split(sep).join('/'),
            packages: [...packages],
            kinds: [...invocation.artifacts],
            globs: [],
          },
  };
}

/** The target that means a whole package, in cabal's unambiguous form: a component or folder may have the same name. */
export function packageTarget(name: string): string {
  return `:pkg:${name}`;
}

/** The target of one component in cabal's unambiguous form. */
export function componentTarget(
  packageName: string,
  kind: 'lib' | 'exe' | 'test' | 'bench' | 'flib',
  component: string,
): string {
  return `:pkg:${packageName}:${kind}:${component}`;
}
