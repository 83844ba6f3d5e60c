import { BuildMachinesError } from '@build-machines/protocol';

/** An error that the hub answers a request with: a {@link BuildMachinesError} that knows its HTTP status. */
export abstract class HubRequestError extends BuildMachinesError {
  /** HTTP status of the answer. */
  abstract readonly status: number;
}
