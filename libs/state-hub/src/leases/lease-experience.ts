import type { LeaseExperience } from './core/forecast.js';

/** Weight of the newest lease in the running mean. */
const NEWEST_WEIGHT = 0.3;
/** Labels remembered at most; the one heard of longest ago is forgotten first. */
const MAX_LABELS = 5_000;

/** Running means of how long leases last, by label and over all. */
export class RunningExperience implements LeaseExperience {
  readonly #byLabel = new Map<string, number>();
  #overall: number | null = null;

  record(label: string, durationMs: number): void {
    this.#overall = mean(this.#overall, durationMs);
    const own = mean(this.#byLabel.get(label) ?? null, durationMs);
    this.#byLabel.delete(label);
    this.#byLabel.set(label, own);
    if (this.#byLabel.size <= MAX_LABELS) return;
    const [oldest] = this.#byLabel.keys();
    if (oldest !== undefined) this.#byLabel.delete(oldest);
  }

  typicalMs(label: string): number | null {
    return this.#byLabel.get(label) ?? this.#overall;
  }
}

function mean(old: number | null, newest: number): number {
  return old === null ? newest : old * (1 - NEWEST_WEIGHT) + newest * NEWEST_WEIGHT;
}
