import { BuildMachinesError } from '@build-machines/protocol';

/** An error that the hub answers a request with: a {@link BuildMachinesError} that knows its HTTP status. */
export abstract class HubRequestError extends BuildMachinesError {
  /** HTTP status of the answer. */
  abstract readonly status: number;
}

/** The hub's disk took no more. What the request was to change is as it was; builds go on without the hub. */
export class HubDiskFullError extends HubRequestError {
  readonly code = 'hub-disk-full';
  readonly status = 507;

  constructor(folder: string | undefined, cause: unknown) {
    super(`the State Hub cannot write to its disk: ${cause instanceof Error ? cause.message : String(cause)}`, {
      hint:
        folder === undefined
          ? "Free some space on the hub's disk."
          : `Free some space where ${folder} lies: df -h ${folder}`,
      details: { folder },
      cause,
    });
  }
}
