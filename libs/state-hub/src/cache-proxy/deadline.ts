import { Transform } from 'node:stream';

/** Ends a transfer that takes too long, or that stands still. */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #total: NodeJS.Timeout;
  readonly #stallMs: number;
  #stall: NodeJS.Timeout;

  constructor(limits: { answerMs: number; stallMs: number; transferMs: number }) {
    this.#stallMs = limits.stallMs;
    this.#total = this.#abortAfter(limits.transferMs, 'the transfer took too long');
    this.#stall = this.#abortAfter(limits.answerMs, 'no answer came');
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Something moved: the time without movement begins anew. */
  moved(): void {
    clearTimeout(this.#stall);
    if (!this.signal.aborted) this.#stall = this.#abortAfter(this.#stallMs, 'the transfer stood still');
  }

  /** Passes bytes through and notices that they move. */
  meter(): Transform {
    const moved = () => {
      this.moved();
    };
    return new Transform({
      transform(chunk: Buffer, _encoding, done) {
        moved();
        done(null, chunk);
      },
    });
  }

  /** The transfer has ended; nothing is aborted any more. */
  clear(): void {
    clearTimeout(this.#total);
    clearTimeout(this.#stall);
  }

  #abortAfter(ms: number, why: string): NodeJS.Timeout {
    return setTimeout(() => {
      this.#controller.abort(new Error(why));
    }, ms);
  }
}
