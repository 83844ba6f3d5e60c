import type { Placement } from './placement.js';

/** All work runs on one machine, which queues by itself (its agent's slots): what is left without a hub. */
export function singlePlacement(machine: string): Placement {
  return {
    async place({ signal }) {
      signal?.throwIfAborted();
      return { machine, lost: new AbortController().signal, release: () => Promise.resolve() };
    },
  };
}
