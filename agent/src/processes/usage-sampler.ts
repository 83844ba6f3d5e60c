import { readProcessTable } from './process-table.js';

/** Clock ticks per second and bytes per page on Linux, as all architectures that GHC supports have them (getconf(1)). */
const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4096;
const INTERVAL_MS = 500;

export interface Usage {
  readonly cpuSeconds: number;
  readonly maxRssBytes: number;
}

/**
 * Samples processor time and memory over a process group twice a second. What a process used after the last sample is
 * missing, and memory shared between processes counts for each; both are fine for comparing runs.
 */
export function sampleUsage(group: number): { stop: () => Usage | null } {
  let cpuTicks = 0;
  let pages = 0;
  const sample = (): void => {
    const members = readProcessTable().filter((info) => info.group === group);
    cpuTicks = Math.max(
      cpuTicks,
      members.reduce((sum, info) => sum + info.cpuTicks, 0),
    );
    pages = Math.max(
      pages,
      members.reduce((sum, info) => sum + info.residentPages, 0),
    );
  };
  sample();
  const timer = setInterval(sample, INTERVAL_MS);
  return {
    stop: () => {
      clearInterval(timer);
      return pages === 0 ? null : { cpuSeconds: cpuTicks / TICKS_PER_SECOND, maxRssBytes: pages * PAGE_BYTES };
    },
  };
}
