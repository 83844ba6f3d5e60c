import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { treeDigest, type SyncRequest, type SyncScope, type TreeEntry } from '@build-machines/protocol';
import { isInScope } from '@build-machines/protocol';
import { admitSync } from '../mirrors/admit-sync.js';
import type { Mirrors } from '../mirrors/mirrors.js';
import { scanTree } from './scan-tree.js';
import { tarOf } from './framed-request.js';

export const WORKSPACE = { id: '7b0c5f0e-3b1a-4c11-9f5e-0c8a57a1b001', user: 'ada' };
export const EVERYTHING: SyncScope = { roots: ['.'], files: [] };

/** The difference between two lists of entries, as a client makes it. */
export function difference(base: readonly TreeEntry[], target: readonly TreeEntry[], scope = EVERYTHING): SyncRequest {
  const inScope = (entry: TreeEntry): boolean => isInScope(scope, entry.path);
  const before = new Map(base.filter(inScope).map((entry) => [entry.path, JSON.stringify(entry)]));
  const after = target.filter(inScope);
  const paths = new Set(after.map(({ path }) => path));
  return {
    scope,
    base: treeDigest(base.filter(inScope)),
    target: treeDigest(after),
    entries: after.filter((entry) => before.get(entry.path) !== JSON.stringify(entry)),
    removed: [...before.keys()].filter((path) => !paths.has(path)),
  };
}

/** Everything that is in scope, for a machine of which nothing is known. */
export function complete(target: readonly TreeEntry[], scope = EVERYTHING): SyncRequest {
  const entries = target.filter(({ path }) => isInScope(scope, path));
  return { scope, base: null, target: treeDigest(entries), entries, removed: [] };
}

/** Syncs a folder into a mirror as the agent does: takes the request in, asks what is missing, applies it under the lock. */
export async function syncWorkspace(
  mirrors: Mirrors,
  folder: string,
  options: { sync?: SyncRequest; workspace?: typeof WORKSPACE } = {},
): Promise<{ removed: number; sent: number }> {
  const workspace = options.workspace ?? WORKSPACE;
  const sync = options.sync ?? complete(scanTree(folder));
  const files = sync.entries.filter((entry) => entry.kind === 'file');
  const missing = new Set(
    await mirrors.missing(
      workspace,
      files.map(({ sha256 }) => sha256),
    ),
  );
  const members = files.flatMap((entry): [string, Buffer][] =>
    missing.delete(entry.sha256) ? [[entry.sha256, readFileSync(join(folder, entry.path))]] : [],
  );
  const admitted = await admitSync(mirrors, workspace, sync, () => tarOf(members), `request-${Math.random()}`);
  try {
    const release = await admitted.mirror.lock.enter({ label: 'test' }, new AbortController().signal);
    try {
      return { ...(await admitted.apply()), sent: members.length };
    } finally {
      release();
    }
  } finally {
    await admitted.discard();
  }
}
