import { forecast, type LeaseExperience, type Outlook } from './core/forecast.js';
import type { LeaseBook } from './core/lease-book.js';

/** A forecast is right for this long, if nothing changes: waiting times get shorter as time passes. */
const FORECAST_AGE_MS = 1_000;
/** A forecast that took longer than this, in milliseconds, is not made anew after each change. */
const CHEAP_FORECAST_MS = 5;
/** At most this share of the time goes into forecasts of a very long queue. */
const FORECAST_SHARE = 0.05;

/** The forecasts of those who wait: made anew when something changed, yet never at the cost of the hub's other work. */
export class Outlooks {
  #last = { byId: new Map<string, Outlook>(), isCurrent: false, madeFor: 0, madeAt: 0, tookMs: 0 };

  /** Something changed: the next answer takes that into account. */
  outdate(): void {
    this.#last.isCurrent = false;
  }

  /** How a request stands. */
  of(id: string, book: LeaseBook, experience: LeaseExperience, now: number): Outlook {
    const { isCurrent, madeFor, madeAt, tookMs } = this.#last;
    const startedAt = performance.now();
    const isDue = tookMs < CHEAP_FORECAST_MS || startedAt - madeAt > tookMs / FORECAST_SHARE;
    if ((!isCurrent || now - madeFor > FORECAST_AGE_MS) && isDue) {
      const byId = forecast(book, experience, now);
      const endedAt = performance.now();
      this.#last = { byId, isCurrent: true, madeFor: now, madeAt: endedAt, tookMs: endedAt - startedAt };
    }
    // A request that came after the last forecast of a very long queue: last, until the next one.
    return this.#last.byId.get(id) ?? { position: Math.max(book.queue.size, 1), waitMs: null };
  }
}
