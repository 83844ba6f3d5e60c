/** Wait before the first restart, in milliseconds. */
const FIRST_MS = 200;

/** Longest wait between restarts, in milliseconds: "comes back within seconds" holds for the worst case. */
const LONGEST_MS = 10_000;

/** A child that ran for this long, in milliseconds, was healthy: its next exit starts the count anew. */
export const HEALTHY_AFTER_MS = 10_000;

/**
 * Milliseconds to wait before the restart that follows `quickExits` exits in a row, doubled each time, spread by up to a
 * quarter so that many children do not restart in step.
 * @param random a number from [0, 1).
 */
export function restartDelay(quickExits: number, random: number): number {
  const base = Math.min(FIRST_MS * 2 ** Math.max(0, quickExits - 1), LONGEST_MS);
  return Math.round(base * (0.75 + random / 4));
}
