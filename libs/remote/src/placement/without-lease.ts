import { type BuildMachinesError, RemoteReportedError } from '@build-machines/protocol';
import { HubAnswerError, HubUnreachableError } from '@build-machines/state-hub';
import type { Placement } from './placement.js';

/**
 * Places work by lease; where the hub itself fails (its disk is full, it is gone and does not come back), without one: a
 * build needs no hub, and the machine queues by itself. What the hub refuses stays refused.
 * @param ready the machines that the hub listed as ready.
 * @param note says that there is no lease, and why.
 */
export function orWithoutLease(
  placement: Placement,
  ready: readonly string[],
  note: (text: string) => void,
): Placement {
  return {
    async place(request) {
      try {
        return await placement.place(request);
      } catch (error) {
        request.signal?.throwIfAborted();
        const inOrder = [...(request.prefer ?? []), ...request.machines].filter((name) => ready.includes(name));
        const machine = inOrder.find((name) => request.avoid?.includes(name) !== true) ?? inOrder[0];
        if (!isHubFailure(error) || machine === undefined) throw error;
        note(`No lease: ${error.message}. Runs without one. ${error.hint ?? ''}`.trimEnd());
        return { machine, lost: new AbortController().signal, release: () => Promise.resolve() };
      }
    },
  };
}

function isHubFailure(error: unknown): error is BuildMachinesError {
  if (error instanceof HubUnreachableError || error instanceof HubAnswerError) return true;
  return error instanceof RemoteReportedError && (error.status ?? 0) >= 500;
}
