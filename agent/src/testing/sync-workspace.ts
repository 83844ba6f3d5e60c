import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { treeDigest, type ReusedOutputs, type SyncRequest, type TreeEntry } from '@build-machines/protocol';
import { admitSync } from '../mirrors/admit-sync.js';
import type { Mirrors } from '../mirrors/mirrors.js';
import { scanTree } from './scan-tree.js';
import { tarOf } from './framed-request.js';

export const WORKSPACE = { id: '7b0c5f0e-3b1a-4c11-9f5e-0c8a57a1b001', user: 'ada' };

/** The difference between two lists of entries, as a client makes it. */
export function difference(base: readonly TreeEntry[], target: readonly TreeEntry[]): SyncRequest {
  const before = new Map(base.map((entry) => [entry.path, JSON.stringify(entry)]));
  const paths = new Set(target.map(({ path }) => path));
  return {
    base: treeDigest(base),
    target: treeDigest(target),
    entries: target.filter((entry) => before.get(entry.path) !== JSON.stringify(entry)),
    removed: [...before.keys()].filter((path) => !paths.has(path)),
  };
}

/** Everything, for a machine of which nothing is known. */
export function complete(target: readonly TreeEntry[]): SyncRequest {
  return { base: null, target: treeDigest(target), entries: [...target], removed: [] };
}

/** Syncs a folder into a mirror as the agent does: takes the request in, asks what is missing, applies it under the lock. */
export async function syncWorkspace(
  mirrors: Mirrors,
  folder: string,
  options: { sync?: SyncRequest; workspace?: typeof WORKSPACE; label?: string; outputs?: ReusedOutputs } = {},
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
  const { label = 'test', outputs } = options;
  const request = { workspace, sync, command: { label, outputs } };
  const admitted = await admitSync(mirrors, request, () => tarOf(members), `request-${Math.random()}`);
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
