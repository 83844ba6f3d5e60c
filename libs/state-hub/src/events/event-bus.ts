import type { HubEvent } from '../api/events.js';

/** Tells listeners in this process what changed. Delivery is synchronous; a listener must neither throw nor wait. */
export class EventBus {
  readonly #listeners = new Set<(event: HubEvent) => void>();

  publish(event: HubEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  /** @returns what ends the subscription. */
  subscribe(listener: (event: HubEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
