/** An image's version: the day it was built (UTC), and which of that day's it is. */
export interface ImageVersion {
  /** `20260420`. */
  readonly day: string;
  /** 1 for the first of a day. */
  readonly ordinal: number;
}

/** `haskell-build-20260420.ova`, `haskell-build-20260420-2.ova`. */
export function imageFileName(name: string, { day, ordinal }: ImageVersion): string {
  return `${name}-${day}${ordinal === 1 ? '' : `-${ordinal}`}.ova`;
}

/** The version in an image's file name; undefined for a file of another name. */
export function imageVersionOf(name: string, fileName: string): ImageVersion | undefined {
  if (!fileName.startsWith(`${name}-`)) return undefined;
  const [, day, ordinal] = /^(\d{8})(?:-(\d+))?\.ova$/.exec(fileName.slice(name.length + 1)) ?? [];
  return day === undefined ? undefined : { day, ordinal: Number(ordinal ?? 1) };
}

/** The version that an image built now gets, given those that exist. */
export function nextImageVersion(existing: readonly ImageVersion[], now: Date): ImageVersion {
  const day = now.toISOString().slice(0, 10).replaceAll('-', '');
  const taken = existing.filter((version) => version.day === day).map(({ ordinal }) => ordinal);
  return { day, ordinal: Math.max(0, ...taken) + 1 };
}

/** Orders versions, the oldest first. */
export function compareImageVersions(a: ImageVersion, b: ImageVersion): number {
  return a.day === b.day ? a.ordinal - b.ordinal : a.day < b.day ? -1 : 1;
}
