import { isInScope, type TreeEntry } from '@build-machines/protocol';
import type { Scan } from './scan.js';
import { SourceRootEmptiedError, SourceRootMissingError } from './sync-errors.js';

/**
 * Refuses a scan in which a root lost all its files although the machine is known to hold some. An unmounted disk looks
 * like that, and mirroring it would throw away what the machine has built (the rule is mutagen's).
 * @throws SourceRootEmptiedError; SourceRootMissingError for a root that nobody knows.
 */
export function refuseEmptiedRoots(
  scan: Pick<Scan, 'scope' | 'entries' | 'missingRoots'>,
  known: readonly TreeEntry[],
  from: { readonly machine: string; readonly knownManifestFile: string },
): void {
  for (const root of scan.scope.roots) {
    const inRoot = (entry: TreeEntry) => entry.kind === 'file' && isInScope({ roots: [root], files: [] }, entry.path);
    if (scan.entries.some(inRoot)) continue;
    const held = known.filter(inRoot).length;
    if (held > 0) throw new SourceRootEmptiedError(root, from.machine, held, from.knownManifestFile);
    if (scan.missingRoots.includes(root)) throw new SourceRootMissingError(root, 'does not exist');
  }
}
