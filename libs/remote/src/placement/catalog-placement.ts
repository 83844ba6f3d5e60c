import { BuildMachinesError } from '@build-machines/protocol';
import type { CatalogClient } from '@build-machines/state-hub';
import type { Placement } from './placement.js';

/** None of the machines is in the hub's catalog, or none is ready. */
export class NoMachineReadyError extends BuildMachinesError {
  readonly code = 'no-machine-ready';
  constructor(machines: readonly string[], hubUrl: string) {
    super(`None of the machines ${machines.join(', ')} is ready, as the State Hub at ${hubUrl} has it.`, {
      hint: `Bring one up: nx run ${machines[0] ?? '<machine>'}:up; or name one: --machine=NAME.`,
    });
  }
}

/**
 * Work runs on a machine that the catalog of a hub without leases lists as ready: the preferred one, else the first.
 * Nobody is kept from using it at the same time; the machine's own slots queue.
 */
export function catalogPlacement(catalog: Pick<CatalogClient, 'list'>, hubUrl: string): Placement {
  return {
    async place({ machines, prefer = [], avoid = [], signal }) {
      const listed = new Set(
        (await catalog.list(signal)).filter(({ state }) => state === 'ready' || state === 'unknown').map((m) => m.name),
      );
      const inOrder = [...prefer, ...machines].filter((name) => machines.includes(name) && listed.has(name));
      const machine = inOrder.find((name) => !avoid.includes(name)) ?? inOrder[0];
      if (machine === undefined) throw new NoMachineReadyError(machines, hubUrl);
      return { machine, lost: new AbortController().signal, release: () => Promise.resolve() };
    },
  };
}
