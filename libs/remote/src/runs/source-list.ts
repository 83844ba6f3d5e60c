import type { TreeEntry } from '@build-machines/protocol';

/** All that a run shall see: the machine makes the tree exactly this. */
export interface SourceList {
  /** Files and links, each path once. */
  readonly entries: readonly TreeEntry[];
  /** Their `treeDigest`. */
  readonly digest: string;
  /** Files looked at, and those of them whose content had to be read. */
  readonly filesScanned: number;
  readonly filesHashed: number;
}

/** Lists the sources as they are now. Called again when a file changes while it is sent. */
export type ListSources = (signal: AbortSignal) => Promise<SourceList>;
