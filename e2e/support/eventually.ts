import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits until `probe` gives something other than undefined, false or null. For what other processes do in their own
 * time; the limit (milliseconds) is there to fail, not to measure.
 * @throws Error that names what was waited for.
 */
export async function eventually<T>(
  what: string,
  probe: () => T | undefined | null | false | Promise<T | undefined | null | false>,
  limit = 60_000,
): Promise<T> {
  const end = Date.now() + limit;
  for (;;) {
    const found = await probe();
    if (found !== undefined && found !== null && found !== false) return found;
    if (Date.now() > end) throw new Error(`waited ${limit / 1000} s in vain: ${what}`);
    await sleep(100);
  }
}
