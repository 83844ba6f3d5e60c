import { BuildMachinesError, type RunResult } from '@build-machines/protocol';
import { isPassingFailure } from '../connection/connection-errors.js';
import type { Place, Placement, PlacementRequest } from './placement.js';

/** The place was taken away while the work ran: its machine is gone, or an administrator wants it back. */
export class PlaceLostError extends BuildMachinesError {
  readonly code = 'place-lost';
  constructor(machine: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : 'no reason was given';
    super(`The lease on machine "${machine}" ended while the run was going on: ${why}.`, {
      hint: 'Run the target again; "build-machines queue" shows who has the machines.',
      cause,
    });
  }
}

/** So often work is placed, in all: a lost machine is tried again elsewhere once, a failed build never. */
const ATTEMPTS = 2;

/**
 * Finds a place, does `work` there, gives the place back. When the machine was lost under it, or could not be reached,
 * once more on another one.
 * @param work gets the machine's name and a signal that is aborted with the caller's or when the place is lost.
 * @throws what `place` and `work` throw; PlaceLostError.
 */
export async function runPlaced<T extends { readonly result: Pick<RunResult, 'outcome'> }>(
  placement: Placement,
  request: PlacementRequest,
  work: (machine: string, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const avoid = [...(request.avoid ?? [])];
  for (let attempt = 1; ; attempt++) {
    const place = await placement.place({ ...request, avoid });
    const outcome = await attemptAt(place, request.signal, work);
    await place.release({ fault: outcome.fault });
    const mayRetry = attempt < ATTEMPTS && outcome.fault && request.signal?.aborted !== true;
    if (!mayRetry) {
      if ('error' in outcome) throw outcome.error;
      return outcome.value;
    }
    avoid.push(place.machine);
  }
}

async function attemptAt<T extends { readonly result: Pick<RunResult, 'outcome'> }>(
  place: Place,
  signal: AbortSignal | undefined,
  work: (machine: string, signal: AbortSignal) => Promise<T>,
): Promise<{ fault: boolean; value: T } | { fault: boolean; error: unknown }> {
  const either = signal === undefined ? place.lost : AbortSignal.any([signal, place.lost]);
  try {
    const value = await work(place.machine, either);
    if (value.result.outcome === 'cancelled' && place.lost.aborted && signal?.aborted !== true)
      return { fault: true, error: new PlaceLostError(place.machine, place.lost.reason) };
    return { fault: value.result.outcome === 'lost', value };
  } catch (error) {
    return { fault: isPassingFailure(error), error };
  }
}
