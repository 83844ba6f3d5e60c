import type { Readable } from 'node:stream';
import { statfs } from 'node:fs/promises';
import type { SyncRequest, TreeEntry, WorkspaceIdentity } from '@build-machines/protocol';
import { isDiskFull, isSystemError } from '../durable/errno.js';
import { removeTree } from '../durable/remove-tree.js';
import { AgentError, DiskFullError } from '../server/agent-error.js';
import { ContentMissingError, MirrorBlockedError } from './mirror-errors.js';
import type { Mirror } from './mirror.js';
import type { Mirrors } from './mirrors.js';
import { receiveContents, type Received } from './receive-contents.js';
import { resolveTarget } from './resolve-target.js';

/** A sync whose request was understood and whose contents have arrived; it can wait for the mirror's lock. */
export interface AdmittedSync {
  readonly mirror: Mirror;
  readonly received: Received;
  /** Brings the mirror to the target; the caller holds its lock. */
  apply(): Promise<{ removed: number }>;
  /** Removes the received contents; to be called in any case. */
  discard(): Promise<void>;
}

/**
 * Takes a sync request in, without touching the mirror's tree: resolves the difference to a complete target, stores the
 * contents that came with it, and sees that nothing will be missing.
 * @param contents opens the tar; called only when the request is not refused before.
 * @throws BaseMismatchError, PathRefusedError, ContentChangedError, ContentMissingError, DiskFullError
 */
export async function admitSync(
  mirrors: Mirrors,
  workspace: WorkspaceIdentity,
  sync: SyncRequest,
  contents: () => Readable,
  id: string,
): Promise<AdmittedSync> {
  const known = await mirrors.find(workspace);
  const target = resolveTarget(sync, known?.manifest ?? null);
  const mirror = await mirrors.open(workspace);
  const incoming = mirror.incomingFolder(id);
  const discard = (): Promise<void> => removeTree(incoming);
  try {
    const received = await receiveContents(contents(), target, incoming);
    await expectComplete(mirrors, workspace, target, received);
    return {
      mirror,
      received,
      discard,
      apply: async () => {
        try {
          return await mirror.update(sync.scope, target, incoming, await mirrors.sourceFor(workspace));
        } catch (error) {
          throw await explain(error, mirror.folder);
        }
      },
    };
  } catch (error) {
    await discard();
    throw await explain(error, mirror.folder);
  }
}

async function expectComplete(
  mirrors: Mirrors,
  workspace: WorkspaceIdentity,
  target: readonly TreeEntry[],
  received: Received,
): Promise<void> {
  const unsent = target.flatMap((entry) =>
    entry.kind === 'file' && !received.digests.has(entry.sha256) ? [entry.sha256] : [],
  );
  const missing = await mirrors.missing(workspace, unsent);
  if (missing.length > 0) throw new ContentMissingError(missing);
}

async function explain(error: unknown, folder: string): Promise<unknown> {
  if (error instanceof AgentError) return error;
  if (isDiskFull(error)) return new DiskFullError(folder, await freeBytes(folder), error);
  return isSystemError(error) && 'syscall' in error ? new MirrorBlockedError(folder, error) : error;
}

async function freeBytes(folder: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    // Only decorates the message.
    return null;
  }
}
