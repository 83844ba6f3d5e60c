import type { ImageVersion } from '@build-machines/machines';

/** A version as it appears in names: `20260420`, or `20260420-2` for the second of a day. */
export function versionText({ day, ordinal }: ImageVersion): string {
  return ordinal === 1 ? day : `${day}-${ordinal}`;
}
