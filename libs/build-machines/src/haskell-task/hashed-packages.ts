import { BuildMachinesError } from '@build-machines/protocol';
import { relative, sep } from 'node:path';
import type { TargetContext } from './hashed-environment.js';
import type { ResolvedProject } from './resolve-task.js';
import type { CabalTaskKind } from './task-groups.js';

/** A task, and what it was resolved to. */
interface NamedPackages {
  readonly kind: CabalTaskKind;
  readonly task: { readonly project: string; readonly target: string };
  readonly resolved: Pick<ResolvedProject, 'haskell' | 'own' | 'packages' | 'roots'>;
}

/**
 * Checks that a task acts on packages only whose sources are sent for it and count for its cache entry. The option
 * `packages` can name any of the cabal project, but what Nx hashes is the task's project and what that depends on.
 * @throws PackageNotSentError for a package that is neither; PackageNotHashedError for the tests of a dependency, in a
 * target that is cached: only its library counts for its dependents.
 */
export function requirePackagesHashed(
  { kind, task, resolved: { haskell, own, packages, roots } }: NamedPackages,
  { root, projectGraph }: TargetContext & { readonly root: string },
): void {
  const id = `${task.project}:${task.target}`;
  for (const name of packages.filter((other) => other !== own?.name)) {
    const dir = haskell.packages.find((pkg) => pkg.name === name)?.dir;
    if (dir === undefined) continue;
    const folder = relative(root, dir).split(sep).join('/') || '.';
    if (!roots.some((sent) => sent === '.' || sent === folder || folder.startsWith(`${sent}/`)))
      throw new PackageNotSentError(name, id, task);
    const isCached = projectGraph.nodes[task.project]?.data.targets?.[task.target]?.cache === true;
    if (own !== undefined && isCached && kind === 'test') throw new PackageNotHashedError(name, id, task.target);
  }
}

/** The option `packages` names a package that the project does not depend on. */
export class PackageNotSentError extends BuildMachinesError {
  readonly code = 'package-not-sent';
  constructor(name: string, task: string, { project, target }: { project: string; target: string }) {
    super(
      `${task} is to act on the package ${name}, but the project ${project} does not depend on it: its sources are neither sent nor hashed.`,
      { hint: `Run ${name}:${target} instead, or list ${name} in "implicitDependencies" of ${project}.` },
    );
  }
}

/** The option `packages` names a dependency whose tests are no inputs of the target. */
export class PackageNotHashedError extends BuildMachinesError {
  readonly code = 'package-not-hashed';
  constructor(name: string, task: string, target: string) {
    super(
      `${task} is to run the tests of ${name}, but Nx does not know their files as inputs: a result for other files would be taken from the cache.`,
      { hint: `Run ${name}:${target} instead.` },
    );
  }
}
