/** Milliseconds from SIGINT to SIGTERM, and from SIGTERM to SIGKILL. */
export const GRACE_MS = 5000;

/** A request to end a run, with its reason for people; made once, later ones change nothing. */
export class Cancellation {
  readonly #controller = new AbortController();
  #reason: string | null = null;

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Why the run is to end; null while nobody asked. */
  get reason(): string | null {
    return this.#reason;
  }

  request(reason: string): void {
    if (this.#reason !== null) return;
    this.#reason = reason;
    this.#controller.abort(new CancelledError(reason));
  }
}

/** Thrown where a cancelled run was waiting. */
export class CancelledError extends Error {}
