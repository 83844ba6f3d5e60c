/** Differences below this, in milliseconds, are a busy computer or a clock that is trimmed. */
const NOTABLE_MS = 1_000;

/**
 * Notices time in which the hub could not listen, and steps of its clock: deadlines must not count either. While a
 * computer sleeps, the clock on the wall goes on and the steady one stands still; while only this process is stopped,
 * both go on, and far more time passes between two looks than ever should.
 */
export class PauseWatch {
  #last: { readonly wall: number; readonly steady: number };

  /** @param longest how much time may pass between two looks while all is well, in milliseconds. */
  constructor(
    private readonly clocks: { readonly wall: () => number; readonly steady: () => number },
    private readonly longest: number,
  ) {
    this.#last = this.#read();
  }

  /** How much of the time since the last look does not count, in milliseconds; negative when the clock was set back. */
  look(): number {
    const now = this.#read();
    const { wall, steady } = this.#last;
    this.#last = now;
    const awake = Math.min(now.steady - steady, this.longest);
    const lost = Math.round(now.wall - wall - awake);
    return Math.abs(lost) < NOTABLE_MS ? 0 : lost;
  }

  #read(): { wall: number; steady: number } {
    return { wall: this.clocks.wall(), steady: this.clocks.steady() };
  }
}
