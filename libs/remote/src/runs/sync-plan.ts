import type { FileEntry, SyncRequest, TreeEntry } from '@build-machines/protocol';
import { contentsOf, difference, digestsOf } from '../sync/difference.js';
import type { SourceList } from './source-list.js';

/** What to ask of the agent, and which contents it may lack for it. */
export interface SyncPlan {
  readonly sync: SyncRequest;
  /** All that the run shall see. */
  readonly list: SourceList;
  /** One file per content that the machine is not known to have. */
  readonly contents: readonly FileEntry[];
}

/** A list that the machine is believed to remember. */
export interface BaseList {
  readonly digest: string;
  readonly entries: readonly TreeEntry[];
}

/** The difference from the nearest of some lists that the machine remembers; all there is where there is none. */
export function planSync(list: SourceList, bases: readonly BaseList[]): SyncPlan {
  const ways = bases.map((base) => ({ base, ...difference(base.entries, list.entries) }));
  const [way] = ways.sort((a, b) => a.entries.length + a.removed.length - b.entries.length - b.removed.length);
  if (way === undefined) return planComplete(list);
  const held = new Set(bases.flatMap(({ entries }) => [...digestsOf(entries)]));
  return {
    sync: { base: way.base.digest, target: list.digest, entries: [...way.entries], removed: [...way.removed] },
    list,
    // Contents that are anywhere in a list need not travel: a moved file, for example.
    contents: contentsOf(way.entries, held),
  };
}

/** All there is: nothing is believed of the machine. */
export function planComplete(list: SourceList): SyncPlan {
  return {
    sync: { base: null, target: list.digest, entries: [...list.entries], removed: [] },
    list,
    contents: contentsOf(list.entries, new Set()),
  };
}

/** Nothing to tell: the machine remembers this very list. */
export function planNothing(list: SourceList): SyncPlan {
  return { sync: { base: list.digest, target: list.digest, entries: [], removed: [] }, list, contents: [] };
}

/** The plan with exactly the contents of these digests, of whatever is in the list. */
export function withContents(plan: SyncPlan, digests: ReadonlySet<string>): SyncPlan {
  return { ...plan, contents: contentsOf(plan.list.entries, new Set()).filter(({ sha256 }) => digests.has(sha256)) };
}

/** Sum of the contents' sizes, in bytes. */
export function contentBytes(plan: SyncPlan): number {
  return plan.contents.reduce((sum, { size }) => sum + size, 0);
}
