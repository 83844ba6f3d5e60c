import { BuildMachinesError } from '@build-machines/protocol';
import type { Hash, Task } from '@nx/devkit';

/**
 * Where the details of a task's hash have the traits that went into it. Named as Nx names an environment variable, which
 * is what they are to a task: something outside of the workspace that it sees.
 */
const NODE = 'env:BUILD_MACHINES_TRAITS';

/** The details of a hash, with the traits that went into it, for the executor to compare. */
export function withTraitsNode(details: Hash['details'], traits: readonly string[]): Hash['details'] {
  return { ...details, nodes: { ...details.nodes, [NODE]: JSON.stringify(traits) } };
}

/** The traits that went into the hash of a task; undefined where no hasher of ours made it. */
export function hashedTraitsOf({ hashDetails }: Pick<Task, 'hashDetails'>): readonly string[] | undefined {
  const nodes: Readonly<Record<string, string>> | undefined = hashDetails?.nodes;
  const text = nodes?.[NODE];
  return text === undefined ? undefined : (JSON.parse(text) as string[]);
}

/**
 * Checks that a task runs under the traits that its hash has: another command may have written the lock anew since.
 * @param hashed undefined: the task's hash is not of ours, or it has none, as where Nx keeps no results.
 * @throws MachineChangedSinceHashedError
 */
export function requireHashedTraits(
  task: string,
  hashed: readonly string[] | undefined,
  { machine, traits }: { readonly machine: string; readonly traits: string },
): void {
  // The hash of a task whose machine nobody knew is found by nobody.
  if (hashed === undefined || hashed.some((text) => !text.startsWith('[')) || hashed.includes(traits)) return;
  throw new MachineChangedSinceHashedError(task, machine);
}

/** The lock of a machine was written anew after Nx had hashed a task that waited. */
export class MachineChangedSinceHashedError extends BuildMachinesError {
  readonly code = 'machine-changed-since-hashed';
  constructor(task: string, machine: string) {
    super(`The lock of ${machine} was written anew after Nx had hashed ${task}. Nothing was run.`, {
      hint: `Run the target again: nx run ${task}`,
    });
  }
}
