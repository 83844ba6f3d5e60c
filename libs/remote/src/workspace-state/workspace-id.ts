import { readJsonFile, writeAside } from '@build-machines/machines';
import { randomUUID } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { z } from 'zod';
import { withStateLock } from '@build-machines/sources';
import { ensureWorkspaceState, workspaceState } from './workspace-state.js';

const IdentityRecord = z.object({
  id: z.uuid(),
  /** Where the workspace was when this was written: tells a move from a copy. */
  root: z.string(),
});

/**
 * The uuid of a workspace, made on first use. A workspace that was moved keeps it. A copy, which would carry the
 * original's along, gets one of its own as long as the original is still there, so that the two never share a mirror.
 */
export async function workspaceId(workspaceRoot: string): Promise<string> {
  const state = await ensureWorkspaceState(workspaceRoot);
  const root = await realpath(workspaceRoot);
  const known = await readJsonFile(state.identityFile, IdentityRecord);
  if (known?.root === root) return known.id;
  return withStateLock(state.identityFile, async () => {
    const current = await readJsonFile(state.identityFile, IdentityRecord);
    if (current?.root === root) return current.id;
    const moved = current !== undefined && !(await livesAt(current.root, current.id));
    const id = moved ? current.id : randomUUID();
    await writeAside(state.identityFile, `${JSON.stringify({ id, root })}\n`, 0o600);
    return id;
  });
}

async function livesAt(root: string, id: string): Promise<boolean> {
  const record = await readJsonFile(workspaceState(root).identityFile, IdentityRecord);
  return record?.id === id && record.root === root;
}
