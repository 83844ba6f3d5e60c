import type { FileEntry, SymlinkEntry, TreeEntry } from '@build-machines/protocol';
import type { Holdings, Manifest } from './manifest.js';
import { sameStat, type Observation } from './observe.js';
import { ancestors } from './path-folders.js';
import type { Step } from './step.js';

/** What an update does, and what it needs staged first. */
export interface Transition {
  readonly steps: Step[];
  /** Entries to stage, by slot. */
  readonly staged: { slot: number; entry: FileEntry | SymlinkEntry }[];
  /** Entries of the tree whose stored record changes (also those that were only touched). */
  readonly set: TreeEntry[];
  /** Paths that are in the tree no more. */
  readonly forget: string[];
  /** Those of them that are parked. */
  readonly park: TreeEntry[];
  /** Paths that are parked no more and not in the tree either. */
  readonly drop: string[];
}

/** What becomes of paths that the target does not have. */
export interface Fates {
  /** Whether a path that leaves the tree will be wanted again as it is. */
  readonly isWanted: (path: string) => boolean;
  /** Whether a parked path is not worth keeping, or may not come back as it is. */
  readonly isStale: (path: string) => boolean;
  /** Whether a parked file or link still is what was parked. */
  readonly isIntact: (path: string) => boolean;
}

/**
 * Plans how a mirror comes from what is on disk to the target. Pure.
 *
 * The sources win over build products: whatever stands where a listed path must be (a file, a link, or a folder with
 * products of a build in it) is moved out of the way, since a build on this machine made it and can make it again.
 * Products anywhere else stay, also in folders whose sources are all gone.
 */
export function planTransition(
  { tree, parked }: Holdings,
  target: ReadonlyMap<string, TreeEntry>,
  observed: ReadonlyMap<string, Observation>,
  { isWanted, isStale, isIntact }: Fates,
): Transition {
  const folders = foldersOf(target.keys());
  const set: TreeEntry[] = [];
  const placed: TreeEntry[] = [];
  const unparked: TreeEntry[] = [];
  const modes: Step[] = [];
  const at = (path: string): Observation => observed.get(path) ?? { kind: 'absent' };

  for (const entry of target.values()) {
    const here = at(entry.path);
    if (holds(here, entry)) {
      if (entry.kind === 'file' && here.mode !== entry.mode)
        modes.push({ do: 'mode', path: entry.path, mode: entry.mode });
      if (!recorded(tree, entry, here)) set.push(entry);
      continue;
    }
    set.push(entry);
    const known = parked.get(entry.path)?.entry;
    if (known !== undefined && sameContent(known, entry) && isIntact(entry.path)) {
      unparked.push(entry);
      if (entry.kind === 'file' && known.kind === 'file' && known.mode !== entry.mode)
        modes.push({ do: 'mode', path: entry.path, mode: entry.mode });
    } else placed.push(entry);
  }

  const forget: string[] = [];
  const park: TreeEntry[] = [];
  const retire = new Set<string>();
  for (const [path, { entry, stat }] of tree) {
    if (target.has(path)) continue;
    forget.push(path);
    const here = at(path);
    if (!isLeaf(here)) continue;
    const isUntouched = here.stat !== undefined && sameStat(stat, here.stat) && holds(here, entry);
    if (isUntouched && isWanted(path)) park.push(entry);
    else retire.add(path);
  }
  const isParked = new Set(park.map(({ path }) => path));
  for (const path of folders) if (isLeaf(at(path)) && !isParked.has(path)) retire.add(path);
  for (const { path } of [...placed, ...unparked]) if (at(path).kind !== 'absent') retire.add(path);

  const comesBack = new Set(unparked.map(({ path }) => path));
  const drop = [...parked.keys()].filter((path) =>
    // At most one of the tree and the parked files has a path.
    target.has(path) ? !comesBack.has(path) : isParked.has(path) || isStale(path),
  );
  const leaves = new Set([...placed, ...unparked].map(({ path }) => path));
  const stale = [...foldersOf(tree.keys())].filter(
    (path) =>
      !folders.has(path) &&
      !leaves.has(path) &&
      !ancestors(path).some((folder) => leaves.has(folder)) &&
      at(path).kind === 'directory',
  );
  return { ...ordered(), set, forget, park, drop };

  function ordered(): Pick<Transition, 'steps' | 'staged'> {
    let slot = 0;
    const steps: Step[] = [];
    for (const path of drop) steps.push({ do: 'drop', path, slot: slot++, sha256: digestOf(parked.get(path)?.entry) });
    for (const { path } of park) steps.push({ do: 'park', path });
    for (const path of deepestFirst(retire)) {
      const { kind, content } = at(path);
      steps.push({ do: 'retire', path, slot: slot++, sha256: kind === 'file' ? content : undefined });
    }
    for (const path of [...folders].sort()) if (at(path).kind !== 'directory') steps.push({ do: 'folder', path });
    const staged = placed.map((entry) => ({ slot: slot++, entry }));
    for (const { slot: place, entry } of staged) steps.push({ do: 'place', path: entry.path, slot: place });
    for (const { path } of unparked) steps.push({ do: 'unpark', path });
    steps.push(...modes);
    for (const path of deepestFirst(stale)) steps.push({ do: 'prune', path });
    return { steps, staged };
  }
}

/** All folders above some paths. */
export function foldersOf(paths: Iterable<string>): Set<string> {
  const folders = new Set<string>();
  for (const path of paths) for (const folder of ancestors(path)) folders.add(folder);
  return folders;
}

/** Whether a file or link has the content of an entry; whatever its mode. */
export function holds(here: Observation, entry: TreeEntry): boolean {
  if (here.kind !== entry.kind) return false;
  return here.content === (entry.kind === 'file' ? entry.sha256 : entry.target);
}

function sameContent(a: TreeEntry, b: TreeEntry): boolean {
  if (a.kind === 'file') return b.kind === 'file' && a.sha256 === b.sha256;
  return b.kind === 'symlink' && a.target === b.target;
}

function digestOf(entry: TreeEntry | undefined): string | undefined {
  return entry?.kind === 'file' ? entry.sha256 : undefined;
}

function recorded(manifest: Manifest, entry: TreeEntry, here: Observation): boolean {
  const stored = manifest.get(entry.path);
  if (stored === undefined || here.stat === undefined || !sameStat(stored.stat, here.stat)) return false;
  // Lists share their entries, which spares comparing most of them.
  return stored.entry === entry || JSON.stringify(stored.entry) === JSON.stringify(entry);
}

function isLeaf({ kind }: Observation): boolean {
  return kind === 'file' || kind === 'symlink' || kind === 'other';
}

function deepestFirst(paths: Iterable<string>): string[] {
  const depth = (path: string): number => path.split('/').length;
  return [...paths].sort((a, b) => depth(b) - depth(a) || (a < b ? -1 : 1));
}
