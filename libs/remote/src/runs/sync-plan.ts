import { isInScope, treeDigest, type FileEntry, type SyncRequest } from '@build-machines/protocol';
import { contentsOf, difference, digestsOf } from '../sync/difference.js';
import type { Scan } from './scoped-scan.js';
import type { KnownManifest } from '../workspace-state/known-manifest.js';

/** What to ask of the agent, and which contents it may lack for it. */
export interface SyncPlan {
  readonly sync: SyncRequest;
  /** One file per content that the machine is not known to have. */
  readonly contents: readonly FileEntry[];
}

/** The difference from what the machine is believed to hold; all there is where nothing is known. */
export function planSync(scan: Scan, known: KnownManifest | undefined): SyncPlan {
  if (known === undefined) return planComplete(scan);
  const base = known.entries.filter(({ path }) => isInScope(scan.scope, path));
  const { entries, removed } = difference(base, scan.entries);
  return {
    sync: {
      scope: scan.scope,
      base: treeDigest(base),
      target: scan.digest,
      entries: [...entries],
      removed: [...removed],
    },
    // Contents that the mirror has anywhere, also outside this scope, need not travel: a moved file, for example.
    contents: contentsOf(entries, new Set([...digestsOf(known.entries), ...known.received])),
  };
}

/** All there is: the machine's belief counts for nothing. */
export function planComplete(scan: Scan): SyncPlan {
  return {
    sync: { scope: scan.scope, base: null, target: scan.digest, entries: [...scan.entries], removed: [] },
    contents: contentsOf(scan.entries, new Set()),
  };
}

/** Nothing to change: the mirror turned out to be there already. */
export function planNothing(scan: Scan): SyncPlan {
  return {
    sync: { scope: scan.scope, base: scan.digest, target: scan.digest, entries: [], removed: [] },
    contents: [],
  };
}

/** The plan with exactly the contents of these digests. */
export function withContents(plan: SyncPlan, digests: ReadonlySet<string>): SyncPlan {
  return { sync: plan.sync, contents: contentsOf(plan.sync.entries, new Set()).filter((f) => digests.has(f.sha256)) };
}

/** Sum of the contents' sizes, in bytes. */
export function contentBytes(plan: SyncPlan): number {
  return plan.contents.reduce((sum, { size }) => sum + size, 0);
}
