import type { WorkspaceIdentity } from '@build-machines/protocol';
import { createHash } from 'node:crypto';

/** Folder name of a mirror: 24 hex digits of a digest, so that no user's or workspace's name has to be a file name. */
export function mirrorKey(workspace: WorkspaceIdentity): string {
  return shortDigest([workspace.id, workspace.user]);
}

/** Folder name of what belongs to one user, over all workspaces. */
export function userKey(user: string): string {
  return shortDigest([user]);
}

function shortDigest(parts: string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 24);
}
