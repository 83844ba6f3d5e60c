/** Failed attempts that one address may make within {@link WINDOW_MS}. */
const LIMIT = 60;
const WINDOW_MS = 60_000;
/** Addresses remembered at most; beyond it all counters start anew, so that an attacker cannot fill the memory. */
const MAX_ADDRESSES = 10_000;

/** Counts failed authentications per address in fixed windows, to make guessing pointless and logs readable. */
export class FailureLimiter {
  readonly #windows = new Map<string, { startedAt: number; failures: number }>();

  /** Seconds for which the address is refused, or 0. */
  refusedFor(address: string, now: number): number {
    const window = this.#windows.get(address);
    if (window === undefined || now - window.startedAt >= WINDOW_MS || window.failures < LIMIT) return 0;
    return Math.ceil((window.startedAt + WINDOW_MS - now) / 1000);
  }

  recordFailure(address: string, now: number): void {
    const window = this.#windows.get(address);
    if (window !== undefined && now - window.startedAt < WINDOW_MS) {
      window.failures += 1;
      return;
    }
    if (this.#windows.size >= MAX_ADDRESSES) this.#windows.clear();
    this.#windows.set(address, { startedAt: now, failures: 1 });
  }
}
