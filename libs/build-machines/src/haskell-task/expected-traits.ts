import type { MachineLock } from '@build-machines/machines';
import {
  BuildMachinesError,
  differencesText,
  RemoteReportedError,
  type ToolchainRequest,
  TraitParts,
  traitDifferences,
  traitsDigest,
  traitsSeen,
} from '@build-machines/protocol';

/**
 * What a machine must be like for a run with some tools: as its lock says, because the hash of the task says the same.
 * @throws MachineTraitsUnknownError
 */
export function expectedTraits(machine: string, lock: MachineLock | null, tools: ToolchainRequest): TraitParts {
  if (lock?.traits === undefined) throw new MachineTraitsUnknownError(machine);
  return traitsSeen(lock.traits, tools);
}

/**
 * Runs what asks a machine for a run that needs traits, and names the difference where the machine refuses.
 * @throws MachineNotAsLockedError; what `ask` throws.
 */
export async function withTraits<T>(
  machine: string,
  expected: TraitParts,
  ask: (traits: string) => Promise<T>,
): Promise<T> {
  try {
    return await ask(traitsDigest(expected));
  } catch (error) {
    if (!(error instanceof RemoteReportedError) || error.code !== 'machine-changed') throw error;
    const present = TraitParts.safeParse(error.details?.['traits']);
    throw new MachineNotAsLockedError(machine, present.success ? traitDifferences(expected, present.data) : [], error);
  }
}

/** The machine has changed since its lock was written: a result would be kept under what it was before. */
export class MachineNotAsLockedError extends BuildMachinesError {
  readonly code = 'machine-not-as-locked';
  constructor(machine: string, differences: readonly string[], cause: unknown) {
    const what = differences.length === 0 ? '' : `: ${differencesText(differences)}`;
    super(`${machine} is not as its machine.lock says${what}. Nothing was run.`, {
      hint: `Write the lock anew, then run the target again: nx run ${machine}:up`,
      cause,
      details: { differences: [...differences] },
    });
  }
}

/** The lock of the machine does not say what builds see of it: an earlier release wrote it, or there is none. */
export class MachineTraitsUnknownError extends BuildMachinesError {
  readonly code = 'machine-traits-unknown';
  constructor(machine: string) {
    super(`The machine.lock of ${machine} does not say what a build can see of the machine.`, {
      hint: `Write it anew: nx run ${machine}:up`,
    });
  }
}
