import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { SyncScope, TreeEntry } from '@build-machines/protocol';
import type { SourceList } from './source-list.js';

/** A list in the form that the protocol has. */
export type Scan = SourceList & { readonly scope: SyncScope };

/** The scope of a list: its own paths, and those that the machine has and that are gone here. */
export function scoped(list: SourceList, known: readonly TreeEntry[], workspaceRoot: string): Scan {
  const own = new Set(list.entries.map(({ path }) => path));
  const gone = known
    .map(({ path }) => path)
    .filter((path) => !own.has(path) && lstatSync(join(workspaceRoot, path), { throwIfNoEntry: false }) === undefined);
  return { ...list, scope: { roots: [], files: [...own, ...gone] } };
}
