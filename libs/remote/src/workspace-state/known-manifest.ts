import { statSync } from 'node:fs';
import { readJsonFile, writeAside } from '@build-machines/machines';
import { isInScope, Sha256, TreeEntry, type SyncScope } from '@build-machines/protocol';
import { z } from 'zod';
import { digestsOf } from '../sync/difference.js';
import { withStateLock } from '@build-machines/sources';
import type { WorkspaceState } from './workspace-state.js';

const KnownManifestFile = z.object({
  version: z.literal(1),
  workspaceId: z.uuid(),
  entries: z.array(TreeEntry),
  received: z.array(Sha256).default([]),
});

/**
 * What a machine is believed to hold of this workspace. A belief only: the agent compares digests and says so when it
 * is wrong, and then all is compared anew. So a lost or damaged file costs one larger request and nothing else.
 */
export interface KnownManifest {
  /** What its mirror holds. */
  readonly entries: readonly TreeEntry[];
  /** Digests of contents that have arrived and wait for the mirror, behind another run. */
  readonly received: readonly string[];
}

/** So many digests are remembered of contents that arrived, the latest: those of cancelled runs are never applied. */
const RECEIVED_KEPT = 10_000;

/** What was read last of each file, and the file's stat data then: to parse thousands of entries takes a while. */
const lastRead = new Map<
  string,
  { readonly stamp: string; readonly known: z.infer<typeof KnownManifestFile> | null }
>();

/** The belief about one machine; undefined when there is none. Reads the file only when it changed since the last time. */
export async function readKnownManifest(
  state: WorkspaceState,
  machine: string,
  workspaceId: string,
): Promise<KnownManifest | undefined> {
  const file = state.knownManifestFile(machine);
  const stamp = stampOf(file);
  let last = lastRead.get(file);
  if (last?.stamp !== stamp) {
    last = { stamp, known: (await readJsonFile(file, KnownManifestFile)) ?? null };
    lastRead.set(file, last);
  }
  return last.known?.workspaceId === workspaceId ? last.known : undefined;
}

/** Changes whenever the file is replaced. */
function stampOf(file: string): string {
  const found = statSync(file, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? 'absent' : [found.ino, found.size, found.mtimeNs, found.ctimeNs].join(' ');
}

/**
 * Records that a machine now holds exactly `entries` in `scope`; what it holds elsewhere is kept. Safe under several
 * processes that sync different scopes at once.
 */
export async function recordKnownScope(
  state: WorkspaceState,
  machine: string,
  workspaceId: string,
  applied: { readonly scope: SyncScope; readonly entries: readonly TreeEntry[] },
): Promise<void> {
  await change(state, machine, workspaceId, ({ entries, received }) => {
    const elsewhere = entries.filter(({ path }) => !isInScope(applied.scope, path));
    const inMirror = digestsOf(applied.entries);
    return {
      entries: [...elsewhere, ...applied.entries],
      received: received.filter((digest) => !inMirror.has(digest)),
    };
  });
}

/** Records that a machine now has these contents, although its mirror does not hold them yet. */
export async function recordReceived(
  state: WorkspaceState,
  machine: string,
  workspaceId: string,
  digests: ReadonlySet<string>,
): Promise<void> {
  if (digests.size === 0) return;
  await change(state, machine, workspaceId, ({ entries, received }) => {
    const inMirror = digestsOf(entries);
    const news = [...digests].filter((digest) => !inMirror.has(digest));
    return { entries, received: [...new Set([...received, ...news])].slice(-RECEIVED_KEPT) };
  });
}

async function change(
  state: WorkspaceState,
  machine: string,
  workspaceId: string,
  next: (before: KnownManifest) => KnownManifest,
): Promise<void> {
  const file = state.knownManifestFile(machine);
  await withStateLock(file, async () => {
    const before = await readKnownManifest(state, machine, workspaceId);
    const after = next(before ?? { entries: [], received: [] });
    await writeAside(file, JSON.stringify({ version: 1, workspaceId, ...after }), 0o600);
  });
}
