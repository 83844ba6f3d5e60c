import { ancestors } from './path-folders.js';
import type { Manifest } from './manifest.js';
import { treeList, type TreeList } from './tree-list.js';

/** Sessions of one label in a mirror: they read the tree at any time, while runs of other tasks come and go. */
interface Visit {
  /** What the latest of them sees. */
  readonly list: TreeList;
  readonly areOver: readonly (() => boolean)[];
}

/** The sessions in a mirror. */
export class Visits {
  /** Whether somebody may have written into the tree outside of a run since the agent started. */
  hasBeen = false;
  readonly #visits = new Map<string, Visit>();

  /** @param isOver whether nobody is there any more */
  begin(label: string, list: TreeList, isOver: () => boolean): void {
    this.hasBeen = true;
    const before = this.#visits.get(label)?.areOver ?? [];
    this.#visits.set(label, { list, areOver: [...before.filter((isLeft) => !isLeft()), isOver] });
  }

  /**
   * What the tree shall hold until the next sync: what it holds, and those parked files that a visitor wants.
   * @returns undefined when nothing is to be brought back.
   */
  wanted({ tree, parked }: { readonly tree: Manifest; readonly parked: Manifest }): TreeList | undefined {
    for (const [label, { areOver }] of this.#visits)
      if (areOver.every((isOver) => isOver())) this.#visits.delete(label);
    const folders = new Set([...tree.keys()].flatMap(ancestors));
    const back = [...this.#visits.values()]
      .flatMap(({ list }) => list.entries)
      .flatMap(({ path }) => {
        const entry = parked.get(path)?.entry;
        const fits = !folders.has(path) && !ancestors(path).some((folder) => tree.has(folder));
        return entry !== undefined && fits ? [entry] : [];
      });
    if (back.length === 0) return undefined;
    const entries = [...tree.values()].map(({ entry }) => entry);
    return treeList(new Map([...entries, ...back].map((entry) => [entry.path, entry])).values());
  }
}
