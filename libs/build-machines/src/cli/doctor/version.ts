import { compareReleases } from '@build-machines/machines';

/** The first version (two or three numbers) in a program's output, whatever lines it prints before. */
export function versionIn(output: string): string | undefined {
  return /(?<![\d.])(\d+\.\d+(?:\.\d+)?)/.exec(output)?.[1];
}

/** Whether a dotted version is at least another: 1.10 is more than 1.9. */
export function isAtLeast(version: string, least: string): boolean {
  return compareReleases(version, least) >= 0;
}
