import type { LeaseFence } from '@build-machines/protocol';
import type { WaitingRequest } from '@build-machines/state-hub';

/** What a task needs of a machine. */
export interface PlacementRequest {
  /** For people: the Nx task. */
  readonly label: string;
  /** Machines to choose from; all of them give the same result. */
  readonly machines: readonly [string, ...string[]];
  /** Exact versions of what the machine must have. */
  readonly toolchain?: { readonly ghc?: string | undefined; readonly cabal?: string | undefined };
  /** Machines to take if they are free: their mirror is warm. */
  readonly prefer?: readonly string[];
  /** Machines to take only if there is no other: the last attempt was lost there. */
  readonly avoid?: readonly string[];
  /** Called at once and whenever the position in the queue may have changed. */
  readonly onWaiting?: (waiting: Waiting) => void;
  readonly signal?: AbortSignal;
}

/** How a request stands in the queue, and why it waits. */
export type Waiting = Pick<WaitingRequest, 'position' | 'expected_wait_seconds' | 'reasons'> & {
  /** No machine that fits is there: when the wait is given up, unless one comes back. */
  readonly givesUpAt?: Date | undefined;
};

/** A place on a machine, held until it is released. */
export interface Place {
  readonly machine: string;
  /** The lease behind it; undefined where there is no hub that gives any. The machine refuses a lease that was lost. */
  readonly lease?: LeaseFence & { readonly id: string };
  /**
   * Aborted when the place was taken away; the work there must end then. One that ran out is asked for again, and the
   * work goes on: a machine runs no more at once than it has slots, whoever holds the leases.
   */
  readonly lost: AbortSignal;
  /** Gives the place back. `fault`: the machine failed, not the build. Never throws, and may be called twice. */
  release(outcome: { readonly fault: boolean }): Promise<void>;
}

/**
 * Decides where work runs. Implementations guarantee that an aborted request leaves no place behind.
 */
export interface Placement {
  /** Waits for a place as long as it takes. @throws when no machine can ever fit; the signal's reason when aborted. */
  place(request: PlacementRequest): Promise<Place>;
}
