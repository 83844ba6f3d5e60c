import type { Waiting } from '@build-machines/remote';

/**
 * Says to somebody in a queue how it stands, and why: `Waiting for a machine: next in line, about 2 min · sandbox is busy
 * with ada (web:remote-build)`.
 */
export function describeWaiting({ position, expected_wait_seconds: wait, reasons, givesUpAt }: Waiting): string {
  if (givesUpAt !== undefined)
    return `Waiting for a machine until ${timeOfDay(givesUpAt)}, in case it comes back: ${reasons.join(' · ')}`;
  const place = position === 1 ? 'next in line' : `${position - 1} before this`;
  const time = wait === null ? '' : `, about ${duration(wait)}`;
  return `Waiting for a machine: ${place}${time}${reasons.length === 0 ? '' : ` · ${reasons.join(' · ')}`}`;
}

/** A time of day as a clock on the wall shows it: `14:03:20`. */
export function timeOfDay(at: Date): string {
  return at.toTimeString().slice(0, 8);
}

function duration(seconds: number): string {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
