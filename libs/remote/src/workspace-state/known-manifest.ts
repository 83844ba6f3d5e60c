import { readJsonFile, writeAside } from '@build-machines/machines';
import { isInScope, TreeEntry, type SyncScope } from '@build-machines/protocol';
import { z } from 'zod';
import { withStateLock } from './state-lock.js';
import type { WorkspaceState } from './workspace-state.js';

const KnownManifest = z.object({ version: z.literal(1), workspaceId: z.uuid(), entries: z.array(TreeEntry) });

/**
 * What a machine is believed to hold of this workspace. A belief only: the agent compares digests and says so when it
 * is wrong, and then all is compared anew. So a lost or damaged file costs one larger request and nothing else.
 */
export async function readKnownManifest(
  state: WorkspaceState,
  machine: string,
  workspaceId: string,
): Promise<TreeEntry[] | undefined> {
  const known = await readJsonFile(state.knownManifestFile(machine), KnownManifest);
  return known?.workspaceId === workspaceId ? known.entries : undefined;
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
  const file = state.knownManifestFile(machine);
  await withStateLock(file, async () => {
    const before = (await readKnownManifest(state, machine, workspaceId)) ?? [];
    const elsewhere = before.filter(({ path }) => !isInScope(applied.scope, path));
    const entries = [...elsewhere, ...applied.entries];
    await writeAside(file, JSON.stringify({ version: 1, workspaceId, entries }), 0o600);
  });
}
