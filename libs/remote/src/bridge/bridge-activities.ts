import type { ServerResponse } from 'node:http';
import type { StateFolder } from '@build-machines/machines';
import { BuildMachinesError } from '@build-machines/protocol';
import type { BridgeHub } from './bridge-hub.js';
import { embeddedHub } from './embedded-hub.js';

/** What a bridge does for somebody: requests to machines that it carries, and leases that its hub has given. */
export class BridgeActivities {
  readonly #carried = new Map<symbol, string>();

  /** Counts a request to a machine until its answer has ended. */
  carry(machine: string, response: ServerResponse): void {
    const key = Symbol(machine);
    this.#carried.set(key, machine);
    response.once('close', () => void this.#carried.delete(key));
  }

  /** All of it, for people; empty: nobody would miss the bridge. */
  async list(state: StateFolder, hub: BridgeHub | undefined, hubPort: number): Promise<string[]> {
    const machines = [...new Set(this.#carried.values())].sort();
    const carried = machines.map((machine) => `a connection to machine "${machine}" is in use`);
    // A hub that runs by itself outlives the bridge, with its leases.
    return hub === undefined || hub.adopted ? carried : [...carried, ...(await leasesAt(state, hubPort))];
  }
}

async function leasesAt(state: StateFolder, port: number): Promise<string[]> {
  try {
    const { leases, waiting } = await (await embeddedHub(state, port)).queue();
    const waits = waiting.map(({ label, user }) => `${label} of ${user} waits for a machine`);
    return [...leases.map(({ label, user, machine }) => `${label} of ${user} runs on ${machine}`), ...waits];
  } catch (error) {
    if (!(error instanceof BuildMachinesError)) throw error;
    return []; // A hub that does not answer gives no leases.
  }
}
