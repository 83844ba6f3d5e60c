import { BuildMachinesError, type RunResult } from '@build-machines/protocol';
import { isPassingFailure } from '../connection/connection-errors.js';
import type { Place, Placement, PlacementRequest } from './placement.js';

/** The place was taken away while the work ran: its machine is gone, or an administrator wants it back. */
export class PlaceLostError extends BuildMachinesError {
  readonly code = 'place-lost';
  constructor(machine: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : 'no reason was given';
    super(`The lease on machine "${machine}" ended while the run was going on: ${why}.`, {
      hint: 'Run the target again; "npx build-machines queue" shows who has the machines.',
      cause,
    });
  }
}

/** So often work is placed, in all: a lost machine is tried again elsewhere once, a failed build never. */
const ATTEMPTS = 2;

/** What is placed: work that may be repeated, because a build or a test changes nothing but its own mirror. */
export interface PlacedWork<T> {
  /** Does the work on the place's machine; `signal` is aborted with the caller's, and when the place is lost. */
  readonly run: (place: Place, signal: AbortSignal) => Promise<T>;
  /** Told when the work is placed once more, and why. */
  readonly onRetry?: (machine: string, reason: string) => void;
}

/**
 * Finds a place, does the work there, gives the place back. When the machine was lost under it, once more, elsewhere if
 * there is another machine. So too when it could not be reached and there are others.
 * @returns what the work gave, while its place is still being given back: await `released` before the process ends.
 * @throws what `place` and the work throw; PlaceLostError.
 */
export async function runPlaced<T extends { readonly result: Pick<RunResult, 'outcome' | 'reason'> }>(
  placement: Placement,
  request: PlacementRequest,
  { run, onRetry }: PlacedWork<T>,
): Promise<T & { readonly released: Promise<void> }> {
  const avoid = [...(request.avoid ?? [])];
  for (let attempt = 1; ; attempt++) {
    const place = await placement.place({ ...request, avoid });
    const end = await attemptAt(place, request, run);
    const released = place.release({ fault: end.fault });
    if (end.retry === undefined || attempt >= ATTEMPTS || request.signal?.aborted === true) {
      if (!('error' in end)) return { ...end.value, released };
      await released;
      throw end.error;
    }
    await released;
    onRetry?.(place.machine, end.retry);
    if (end.fault) avoid.push(place.machine);
  }
}

/** How an attempt ended. `fault`: by the machine's doing. `retry`: why it may be repeated; undefined: it may not. */
type AttemptEnd<T> = { readonly fault: boolean; readonly retry?: string } & (
  { readonly value: T } | { readonly error: unknown }
);

async function attemptAt<T extends { readonly result: Pick<RunResult, 'outcome' | 'reason'> }>(
  place: Place,
  { machines, signal }: PlacementRequest,
  run: PlacedWork<T>['run'],
): Promise<AttemptEnd<T>> {
  const either = signal === undefined ? place.lost : AbortSignal.any([signal, place.lost]);
  try {
    const value = await run(place, either);
    const { outcome, reason } = value.result;
    if (outcome === 'cancelled' && isTakenAway(place, signal)) return takenAway(place);
    if (outcome === 'lost') return { fault: true, retry: reason ?? 'the machine lost the run', value };
    return { fault: false, value };
  } catch (error) {
    if (isTakenAway(place, signal)) return takenAway(place);
    const code = error instanceof BuildMachinesError ? error.code : undefined;
    const text = error instanceof Error ? error.message : String(error);
    // Whoever was cut off for so long that the slot went to another stands in line again.
    if (code === 'lease-superseded') return { fault: false, retry: text, error };
    const isLoss = isPassingFailure(error) || code === 'reconnect-gave-up';
    if (!isLoss) return { fault: false, error };
    return { fault: true, error, ...(machines.length > 1 && { retry: text }) };
  }
}

function isTakenAway({ lost }: Place, signal: AbortSignal | undefined): boolean {
  return lost.aborted && signal?.aborted !== true;
}

/** A lease that ran out or was revoked says nothing about the machine; one that ended with its machine does. */
function takenAway({ machine, lost }: Place): { fault: boolean; retry: string; error: PlaceLostError } {
  const error = new PlaceLostError(machine, lost.reason);
  const details = lost.reason instanceof BuildMachinesError ? lost.reason.details : undefined;
  const fault = ['machine-gone', 'machine-replaced'].includes(String(details?.['reason']));
  return { fault, retry: error.message, error };
}
