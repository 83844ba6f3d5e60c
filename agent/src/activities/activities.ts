import type { Activity } from '@build-machines/protocol';
import { AgentBusyError } from './agent-busy-error.js';

/** Ends what was begun; calling it twice changes nothing. */
export type End = () => void;

/** Work that is not registered here while it lasts, such as the processes of interactive sessions. */
type OtherActivities = () => readonly Activity[];

/**
 * Everything that somebody would lose if the agent ended now, and the hold that keeps more from beginning. A machine is
 * restarted, changed or replaced only under a hold, so the rule "what is busy is left alone" has this one home.
 */
export class Activities {
  readonly #current = new Map<symbol, () => Activity>();
  #hold: { readonly over: Promise<void>; readonly end: End } | undefined;
  #others: OtherActivities = () => [];

  /** Everything that goes on now. */
  get current(): Activity[] {
    return [...[...this.#current.values()].map((describe) => describe()), ...this.#others()];
  }

  /** Adds a source of activities that are looked up when somebody asks. */
  include(others: OtherActivities): void {
    this.#others = others;
  }

  /**
   * Registers work that begins, unless the agent is held.
   * @param describe what goes on, asked for whenever somebody wants to know.
   * @returns undefined while the agent is held: wait for {@link untilFree} and try again.
   */
  tryBegin(describe: () => Activity): End | undefined {
    if (this.#hold !== undefined) return undefined;
    const key = Symbol('activity');
    this.#current.set(key, describe);
    return () => void this.#current.delete(key);
  }

  /** Registers work that begins, as soon as the agent is not held. Rejects with the signal's reason. */
  async begin(describe: () => Activity, signal: AbortSignal): Promise<End> {
    for (;;) {
      signal.throwIfAborted();
      const end = this.tryBegin(describe);
      if (end !== undefined) return end;
      await this.untilFree();
    }
  }

  /** Settles when the agent is not held, at once where it is not. */
  async untilFree(): Promise<void> {
    await this.#hold?.over;
  }

  /**
   * Keeps new work waiting, where none goes on.
   * @returns lets it begin again.
   * @throws AgentBusyError naming all that goes on, or the other hold.
   */
  hold(): End {
    const current = this.current;
    if (current.length > 0 || this.#hold !== undefined) throw new AgentBusyError(current);
    let settle: End = () => undefined;
    const over = new Promise<void>((resolve) => {
      settle = resolve;
    });
    const hold = {
      over,
      end: () => {
        if (this.#hold === hold) this.#hold = undefined;
        settle();
      },
    };
    this.#hold = hold;
    return hold.end;
  }

  /** Ends a hold, so that all who wait go on; for an agent that stops. */
  release(): void {
    this.#hold?.end();
  }
}
