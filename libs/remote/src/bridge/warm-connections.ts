import type { MachineAccess } from '@build-machines/machines';
import { connectDirect, type DirectTransport } from '../connection/direct-transport.js';

interface Warm {
  readonly access: string;
  readonly opening: Promise<DirectTransport>;
}

/** One SSH connection per machine, opened on demand, opened anew when it was lost or the machine is another now. */
export class WarmConnections {
  readonly #warm = new Map<string, Warm>();

  constructor(
    readonly options: {
      readonly resolveAccess: (name: string) => Promise<MachineAccess>;
      readonly onLost: (name: string) => void;
      readonly signal: AbortSignal;
    },
  ) {}

  /** Whether a machine's connection is open now. */
  async isOpen(name: string): Promise<boolean> {
    const warm = this.#warm.get(name);
    if (warm === undefined) return false;
    return warm.opening.then(
      ({ alive }) => alive,
      () => false,
    );
  }

  /** The machine's connection. Callers at the same time share one attempt. */
  async get(name: string): Promise<DirectTransport> {
    const access = await this.options.resolveAccess(name);
    const key = JSON.stringify(access);
    const present = this.#warm.get(name);
    if (present?.access === key) return present.opening;
    if (present !== undefined) this.drop(name);
    const opening = connectDirect(access, { signal: this.options.signal });
    const warm = { access: key, opening };
    this.#warm.set(name, warm);
    const forget = () => {
      if (this.#warm.get(name) === warm) this.#warm.delete(name);
    };
    opening.then((transport) => {
      transport.onEnd(() => {
        if (this.#warm.get(name) === warm) this.options.onLost(name);
        forget();
      });
    }, forget);
    return opening;
  }

  /** Closes a machine's connection; the next request opens another. */
  drop(name: string): void {
    const warm = this.#warm.get(name);
    this.#warm.delete(name);
    warm?.opening.then(
      (transport) => {
        transport.close();
      },
      () => undefined, // Whoever waited for it has had this error.
    );
  }

  close(): void {
    for (const name of [...this.#warm.keys()]) this.drop(name);
  }
}
