import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { Journal } from './journal.js';
import type { Holdings } from './manifest.js';
import { storedStat } from './observe.js';
import { parkedName } from './step.js';

/** The record of a mirror once the steps of a journal are taken, with the stat data of what they wrote or moved. */
export function holdingsAfter(
  before: Holdings,
  { set, forget, park, drop }: Pick<Journal, 'set' | 'forget' | 'park' | 'drop'>,
  folders: { readonly root: string; readonly parked: string },
): Holdings {
  const tree = new Map(before.tree);
  const parked = new Map(before.parked);
  for (const path of forget) tree.delete(path);
  for (const path of drop) parked.delete(path);
  for (const entry of set) {
    parked.delete(entry.path);
    tree.set(entry.path, { entry, stat: storedStat(lstatSync(join(folders.root, entry.path), { bigint: true })) });
  }
  for (const entry of park) {
    const file = join(folders.parked, parkedName(entry.path));
    const stats = lstatSync(file, { bigint: true, throwIfNoEntry: false });
    if (stats !== undefined) parked.set(entry.path, { entry, stat: storedStat(stats) });
  }
  return { tree, parked };
}
