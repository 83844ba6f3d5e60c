/** Tries at the pace of someone who expects success soon; after them, the slow rate. */
export const QUICK_TRIES = 20;

const FIRST_MS = 1000;
const LONGEST_MS = 60_000;
/** Afterwards a hub that was off for a weekend is found again within this time, in milliseconds. */
const SLOW_MS = 120_000;

/**
 * Milliseconds to wait after a failed try: doubling from one second to a minute for twenty tries, then every two minutes.
 * @param tries failed tries so far, at least 1.
 * @param random in [0, 1): half of the wait is drawn, so that machines do not come back all at once.
 */
export function backoffMs(tries: number, random: number): number {
  const full = tries >= QUICK_TRIES ? SLOW_MS : Math.min(LONGEST_MS, FIRST_MS * 2 ** (tries - 1));
  return full / 2 + (full / 2) * random;
}

/** Milliseconds until a rejected machine asks again: about as long as the entry of a dead machine stays `ready`. */
export function rejectedMs(random: number): number {
  return 20_000 + 20_000 * random;
}
