import { BuildMachinesError } from '@build-machines/protocol';
import type { TaskPlanner } from '@build-machines/sources';
import { relative, sep } from 'node:path';
import type { ResolvedProject } from './resolve-task.js';
import type { SourcesOf } from './task-sources.js';

/** A task, and what it was resolved to. */
interface NamedPackages {
  readonly task: { readonly project: string; readonly target: string };
  readonly resolved: Pick<ResolvedProject, 'haskell' | 'own' | 'packages'>;
  readonly sources: Pick<SourcesOf, 'plan'>;
}

/** Files that are inputs for the sake of cabal's solver, whether or not the package is needed. */
const DESCRIPTION = /(\.cabal|(^|\/)package\.yaml)$/;

/**
 * Checks that a task acts on packages only whose sources are among its inputs. The option `packages` can name any of the
 * cabal project, but what Nx hashes, and so what is sent, is the task's project and what that depends on.
 * @throws PackageNotSentError
 */
export async function requirePackagesSent(
  { task, resolved: { haskell, own, packages }, sources }: NamedPackages,
  planner: Pick<TaskPlanner, 'plan' | 'state'>,
): Promise<void> {
  const others = packages.filter((other) => other !== own?.name);
  if (others.length === 0) return;
  const [plan] = await planner.plan([sources.plan]);
  for (const name of others) {
    const dir = haskell.packages.find((pkg) => pkg.name === name)?.dir;
    if (dir === undefined) continue;
    const folder = relative(planner.state.root, dir).split(sep).join('/');
    const isSent = plan?.files.some(
      (file) => file.startsWith(folder === '' ? '' : `${folder}/`) && !DESCRIPTION.test(file),
    );
    if (isSent !== true) throw new PackageNotSentError(name, `${task.project}:${task.target}`, task);
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
