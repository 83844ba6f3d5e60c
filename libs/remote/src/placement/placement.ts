import type { WaitingRequest } from '@build-machines/state-hub';

/** What a task needs of a machine. */
export interface PlacementRequest {
  /** For people: the Nx task. */
  readonly label: string;
  readonly user: string;
  readonly requirements?: {
    readonly machine?: string;
    /** Exact versions. */
    readonly ghc?: string;
    readonly cabal?: string;
    readonly os?: string;
    readonly arch?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  /** Machines to take if they are free: their mirror is warm. */
  readonly prefer?: readonly string[];
  /** Machines not to take: the last attempt was lost there. */
  readonly avoid?: readonly string[];
  /** Called at once and whenever the position in the queue may have changed. */
  readonly onWaiting?: (waiting: Pick<WaitingRequest, 'position' | 'expected_wait_seconds' | 'reasons'>) => void;
  readonly signal?: AbortSignal;
}

/** A place on a machine, held until it is released. */
export interface Place {
  readonly machine: string;
  /** Aborted when the place is ours no longer; the work there must end then. */
  readonly lost: AbortSignal;
  /** Gives the place back. `fault`: the machine failed, not the build. Never throws, and may be called twice. */
  release(outcome: { readonly fault: boolean }): Promise<void>;
}

/**
 * Decides where work runs. Implementations guarantee that a place is used by nobody else as long as `lost` is not
 * aborted, and that an aborted request leaves no place behind.
 */
export interface Placement {
  /** Waits for a place as long as it takes. @throws when no machine can ever fit; the signal's reason when aborted. */
  place(request: PlacementRequest): Promise<Place>;
}
