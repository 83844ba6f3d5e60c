import { setTimeout as sleep } from 'node:timers/promises';

/** Text is sent after this long, or when this much has come together. */
const GATHER_MS = 200;
const GATHER_BYTES = 256 * 1024;
/** What may wait for a hub that is away; beyond it the log is given up, for a build must not fail by it. */
const MAX_PENDING_BYTES = 16 * 1024 * 1024;
/** Attempts for one piece, with a pause of a second between them. */
const ATTEMPTS = 30;

/**
 * Sends text to a log in the background. Writing never waits and never throws; a hub that is away is tried again for
 * half a minute, and then the rest of the log is given up, as {@link close} says.
 */
export class RunLogWriter {
  readonly #append: (offset: number, bytes: Buffer) => Promise<number>;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #offset = 0;
  #sending: Promise<void> | undefined;
  #failure: unknown;
  readonly #closing = new AbortController();

  constructor(append: (offset: number, bytes: Buffer) => Promise<number>) {
    this.#append = append;
  }

  write(text: string | Buffer): void {
    if (this.#failure !== undefined) return;
    const bytes = typeof text === 'string' ? Buffer.from(text, 'utf8') : text;
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    if (this.#pendingBytes > MAX_PENDING_BYTES) {
      this.#giveUp(new Error('too much text waits for the hub'));
      return;
    }
    this.#sending ??= this.#send(this.#pendingBytes >= GATHER_BYTES ? 0 : GATHER_MS);
  }

  /** Sends what is left, at once, and waits until all is sent. @returns why the log is incomplete, or undefined when it is whole. */
  async close(): Promise<unknown> {
    this.#closing.abort();
    while (this.#sending !== undefined) await this.#sending;
    return this.#failure;
  }

  async #send(delayMs: number): Promise<void> {
    // A short run does not wait for more text to come: closing ends the gathering.
    await sleep(delayMs, undefined, { signal: this.#closing.signal }).catch(() => undefined);
    while (this.#pending.length > 0) {
      const bytes = Buffer.concat(this.#pending);
      this.#pending = [];
      this.#pendingBytes = 0;
      for (let at = 0; at < bytes.length; at += GATHER_BYTES) {
        await this.#sendPiece(bytes.subarray(at, at + GATHER_BYTES));
      }
    }
    this.#sending = undefined;
  }

  async #sendPiece(bytes: Buffer): Promise<void> {
    for (let attempt = 1; this.#failure === undefined; attempt += 1) {
      try {
        this.#offset = await this.#append(this.#offset, bytes);
        return;
      } catch (error) {
        if (attempt === ATTEMPTS) this.#giveUp(error);
        else await sleep(1_000);
      }
    }
  }

  #giveUp(failure: unknown): void {
    this.#failure = failure;
    this.#pending = [];
    this.#pendingBytes = 0;
  }
}
