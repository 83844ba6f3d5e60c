import { removeTree } from '@build-machines/owned-files';
import type { Readable } from 'node:stream';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunRequest, TreeEntry, WorkspaceIdentity } from '@build-machines/protocol';
import { isDiskFull, isSystemError } from '../durable/errno.js';
import { AgentError, DiskFullError } from '../server/agent-error.js';
import type { Attic } from './attic.js';
import { BaseMismatchError, ContentMissingError, MirrorBlockedError } from './mirror-errors.js';
import type { Mirror } from './mirror.js';
import type { Mirrors } from './mirrors.js';
import { receiveContents, type Received } from './receive-contents.js';
import { tidyTree } from '../written-files/tidy-tree.js';
import { resolveTarget } from './resolve-target.js';
import type { TreeList } from './tree-list.js';

/** The parts of a request that say what is synced, and for which command. */
export type SyncOf = Pick<RunRequest, 'workspace' | 'sync'> & {
  readonly command: Pick<RunRequest['command'], 'label' | 'outputs'>;
};

/** A sync whose request was understood and whose contents have arrived; it can wait for the mirror's lock. */
export interface AdmittedSync {
  readonly mirror: Mirror;
  readonly received: Received;
  readonly list: TreeList;
  /** Brings the mirror to the target; the caller holds its lock. */
  apply(): Promise<{ removed: number }>;
  /** Lets go of the received contents, which the attic keeps when nothing was applied; to be called in any case. */
  discard(): Promise<void>;
}

/**
 * Takes a sync request in, without touching the mirror's tree: resolves the difference to a complete list, stores the
 * contents that came with it, and sees that nothing will be missing. From then on other requests may count on these
 * contents: they wait in line behind this one, or the attic has them.
 * @param contents opens the tar; called only when the request is not refused before for what is wrong in itself.
 * @throws BaseMismatchError, PathRefusedError, ContentChangedError, ContentMissingError, DiskFullError
 */
export async function admitSync(
  mirrors: Mirrors,
  request: SyncOf,
  contents: () => Readable,
  id: string,
): Promise<AdmittedSync> {
  const { workspace, command } = request;
  const list = await resolveOrKeep(mirrors, request, contents, id);
  const mirror = await mirrors.open(workspace);
  const incoming = mirror.incomingFolder(id);
  try {
    const received = await receiveContents(contents(), list.entries, incoming);
    await expectComplete(mirrors, workspace, list.entries, received);
    mirror.remember(command.label, list);
    mirror.received.set(incoming, received.digests);
    let isUnused = true;
    return {
      mirror,
      received,
      list,
      discard: async () => {
        if (isUnused) await keepContents(await mirrors.attic(workspace.user), incoming, received.digests);
        mirror.received.delete(incoming);
        await removeTree(incoming);
      },
      apply: async () => {
        isUnused = false;
        try {
          await tidyTree(mirror);
          const source = await mirrors.sourceFor(workspace);
          const built = command.outputs?.packages.map(({ sources }) => sources) ?? [];
          return await mirror.update(list, { received: incoming, source, built });
        } catch (error) {
          throw await explain(error, mirror.folder);
        }
      },
    };
  } catch (error) {
    await removeTree(incoming);
    throw await explain(error, mirror.folder);
  }
}

/**
 * Resolves the difference. A sender can have a wrong belief of the mirror just because other runs of its workspace began
 * meanwhile; what it sent is kept in the attic, so that it need not send it again with the right base.
 */
async function resolveOrKeep(
  mirrors: Mirrors,
  { workspace, sync }: SyncOf,
  contents: () => Readable,
  id: string,
): Promise<TreeList> {
  const mirror = await mirrors.find(workspace);
  try {
    return resolveTarget(sync, mirror?.lists ?? { digests: [], find: () => undefined });
  } catch (error) {
    if (mirror === undefined || !(error instanceof BaseMismatchError)) throw error;
    const incoming = mirror.incomingFolder(id);
    try {
      const { digests } = await receiveContents(contents(), sync.entries, incoming);
      await keepContents(await mirrors.attic(workspace.user), incoming, digests);
    } catch (failure) {
      throw await explain(failure, mirror.folder);
    } finally {
      await removeTree(incoming);
    }
    throw error;
  }
}

/** What a cancelled run brought is not sent again by the next one, nor by those that counted on it. */
async function keepContents(attic: Attic, folder: string, digests: ReadonlySet<string>): Promise<void> {
  for (const sha256 of digests)
    // What cannot be kept, or was already, costs at worst that it is sent again.
    await attic.put(join(folder, sha256), sha256).catch(() => undefined);
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
  return isSystemError(error) ? new MirrorBlockedError(folder, error) : error;
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
