import { BuildMachinesError } from '@build-machines/protocol';

/** The connection did not come back in time. The run may still be going on. */
export class ReconnectGaveUpError extends BuildMachinesError {
  readonly code = 'reconnect-gave-up';
  constructor(machine: string, seconds: number, cause: unknown) {
    const last = cause instanceof Error ? ` Last failure: ${cause.message}` : '';
    super(`The connection to machine "${machine}" did not come back within ${String(Math.round(seconds))} s.${last}`, {
      hint:
        `The run goes on there for a while. "nx run ${machine}:bridge-status" shows what is missing; run the same ` +
        'target again to re-attach.',
      cause,
    });
  }
}

/** The agent keeps refusing what it itself asked for. */
export class SyncNotConvergingError extends BuildMachinesError {
  readonly code = 'sync-not-converging';
  constructor(machine: string, last: string) {
    super(`Machine "${machine}" and this workspace could not agree on what differs (last answer: ${last}).`, {
      hint: 'Another task may be syncing other contents of the same folder: run again. If it stays, restart the agent.',
    });
  }
}
