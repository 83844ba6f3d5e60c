import type { FileEntry, SymlinkEntry, TreeEntry } from '@build-machines/protocol';
import { z } from 'zod';
import type { Manifest, StoredEntry } from './manifest.js';
import { sameStat, type Observation } from './observe.js';
import { ancestors } from './scope-matcher.js';

/**
 * One step of an update. Steps run in order, and each may be repeated when all before it are done and any after it are:
 * that is what lets a journal be replayed after a crash at any point.
 *
 * - `retire`: what is at `path` (a file, a link, or a folder with all in it) moves to `retired/<slot>`.
 * - `folder`: a folder is made at `path`.
 * - `place`: the staged file or link `new/<slot>` moves to `path`.
 * - `mode`: the file at `path` gets exactly these permission bits.
 * - `prune`: the folder at `path` is removed if nothing is left in it; build products keep it.
 */
export const Step = z.discriminatedUnion('do', [
  z.object({ do: z.literal('retire'), path: z.string(), slot: z.number().int(), sha256: z.string().optional() }),
  z.object({ do: z.literal('folder'), path: z.string() }),
  z.object({ do: z.literal('place'), path: z.string(), slot: z.number().int() }),
  z.object({ do: z.literal('mode'), path: z.string(), mode: z.number().int() }),
  z.object({ do: z.literal('prune'), path: z.string() }),
]);
export type Step = z.infer<typeof Step>;

/** What an update does, and what it needs staged first. */
export interface Transition {
  readonly steps: Step[];
  /** Entries to stage, by slot. */
  readonly staged: { slot: number; entry: FileEntry | SymlinkEntry }[];
  /** Entries whose stored record changes (also those that were only touched). */
  readonly set: TreeEntry[];
  /** Paths that are tracked no more. */
  readonly forget: string[];
}

/**
 * Plans how a mirror comes from what is on disk to the target, in the scope. Pure.
 *
 * The sources win over build products: whatever stands where a tracked path must be (a file, a link, or a folder with
 * products of a build in it) is moved out of the way, since a build on this machine made it and can make it again.
 * Products anywhere else stay, also in folders whose sources are all gone.
 */
export function planTransition(
  manifest: Manifest,
  inScope: (path: string) => boolean,
  target: ReadonlyMap<string, TreeEntry>,
  observed: ReadonlyMap<string, Observation>,
): Transition {
  const folders = foldersOf(target.values());
  const set: TreeEntry[] = [];
  const placed: (FileEntry | SymlinkEntry)[] = [];
  const modes: Step[] = [];
  const at = (path: string): Observation => observed.get(path) ?? { kind: 'absent' };

  for (const entry of target.values()) {
    const here = at(entry.path);
    if (entry.kind === 'directory') {
      if (here.kind !== 'directory' || manifest.get(entry.path)?.entry.kind !== 'directory') set.push(entry);
    } else if (!holds(here, entry)) {
      placed.push(entry);
      set.push(entry);
    } else {
      if (entry.kind === 'file' && here.mode !== entry.mode)
        modes.push({ do: 'mode', path: entry.path, mode: entry.mode });
      if (!recorded(manifest, entry, here)) set.push(entry);
    }
  }

  const becomesLeaf = new Set(placed.map(({ path }) => path));
  const underLeaf = (path: string): boolean => ancestors(path).some((folder) => becomesLeaf.has(folder));
  // The last two also hold out of scope: no workspace has both a folder of the scope and a file in its place, or the reverse.
  const gone = (path: string, { entry }: StoredEntry): boolean =>
    inScope(path) || underLeaf(path) || (entry.kind !== 'directory' && folders.has(path));
  const forget = [...manifest]
    .filter(([path, stored]) => !target.has(path) && gone(path, stored))
    .map(([path]) => path);

  const retire = new Set<string>();
  for (const path of forget) if (isLeaf(at(path))) retire.add(path);
  for (const path of folders) if (isLeaf(at(path))) retire.add(path);
  for (const { path } of placed) if (at(path).kind !== 'absent') retire.add(path);

  let slot = 0;
  const steps: Step[] = [];
  for (const path of deepestFirst(retire)) {
    const { kind, content } = at(path);
    steps.push({ do: 'retire', path, slot: slot++, sha256: kind === 'file' ? content : undefined });
  }
  for (const path of [...folders].sort()) if (at(path).kind !== 'directory') steps.push({ do: 'folder', path });
  const staged = placed.map((entry) => ({ slot: slot++, entry }));
  for (const { slot: place, entry } of staged) steps.push({ do: 'place', path: entry.path, slot: place });
  steps.push(...modes);
  const stale = [...foldersOf([...manifest.values()].map(({ entry }) => entry))].filter(
    (path) =>
      inScope(path) &&
      !folders.has(path) &&
      !becomesLeaf.has(path) &&
      !underLeaf(path) &&
      at(path).kind === 'directory',
  );
  for (const path of deepestFirst(stale)) steps.push({ do: 'prune', path });
  return { steps, staged, set, forget };
}

/** All folders that a set of entries needs: those listed, and those above any entry. */
function foldersOf(entries: Iterable<TreeEntry>): Set<string> {
  const folders = new Set<string>();
  for (const entry of entries) {
    if (entry.kind === 'directory') folders.add(entry.path);
    for (const folder of ancestors(entry.path)) folders.add(folder);
  }
  return folders;
}

function holds(here: Observation, entry: FileEntry | SymlinkEntry): boolean {
  if (here.kind !== entry.kind) return false;
  return here.content === (entry.kind === 'file' ? entry.sha256 : entry.target);
}

function recorded(manifest: Manifest, entry: TreeEntry, here: Observation): boolean {
  const stored = manifest.get(entry.path);
  if (stored === undefined || here.stat === undefined || !sameStat(stored.stat, here.stat)) return false;
  // A target that was resolved from this manifest holds the very same objects, which spares comparing most of them.
  return stored.entry === entry || JSON.stringify(stored.entry) === JSON.stringify(entry);
}

function isLeaf({ kind }: Observation): boolean {
  return kind === 'file' || kind === 'symlink' || kind === 'other';
}

function deepestFirst(paths: Iterable<string>): string[] {
  const depth = (path: string): number => path.split('/').length;
  return [...paths].sort((a, b) => depth(b) - depth(a) || (a < b ? -1 : 1));
}
