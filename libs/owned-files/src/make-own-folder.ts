import { mkdir, stat, chmod } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createTreeMarker } from './marker.js';
import { markedTreeOf, namesIn, treeOf } from './own-tree.js';
import { ForeignFolderError, NotOursError, StateFolderTakenError } from './ownership-errors.js';
import { isStrictlyBelow } from './real-path.js';

/** A folder that this process may make its own when it needs it. */
export interface ExpectedTree {
  readonly madeFor: string;
  /** Whether releases before the marker wrote something of this name there: a folder that holds nothing else is adopted. */
  readonly isFormer: (name: string) => boolean;
}

const expected = new Map<string, ExpectedTree>();

/** Names a folder, such as the state folder, that is to be ours as a whole. It is claimed with the first folder in it. */
export function expectTree(root: string, tree: ExpectedTree): void {
  expected.set(resolve(root), tree);
}

/**
 * Makes a folder (and its parents) that is ours and that only the current user may enter (0700). One that is there has to
 * be ours already, or empty.
 * @throws StateFolderTakenError, NotOursError for a folder with other contents; ForeignFolderError for one of another
 * user: whoever owns it could replace what we keep in it.
 */
export async function makeOwnFolder(path: string): Promise<void> {
  const full = resolve(path);
  // The outermost first: what is in it then needs no marker of its own.
  for (const [root, tree] of [...expected].sort(([a], [b]) => a.length - b.length)) {
    if ((full !== root && !isStrictlyBelow(full, root)) || markedTreeOf(root) !== undefined) continue;
    await mkdir(root, { recursive: true, mode: 0o700 });
    const foreign = namesIn(root).filter((name) => !tree.isFormer(name));
    if (foreign.length > 0) throw new StateFolderTakenError(root, foreign);
    await closeToOthers(root);
    await createTreeMarker(root, tree.madeFor);
  }
  await mkdir(full, { recursive: true, mode: 0o700 });
  const isOurs = treeOf(full) !== undefined;
  if (!isOurs && namesIn(full).length > 0) throw new NotOursError(full, namesIn(full));
  await closeToOthers(full);
  if (!isOurs) await createTreeMarker(full, 'build-machines');
}

async function closeToOthers(path: string): Promise<void> {
  const found = await stat(path);
  const self = process.getuid?.();
  if (self !== undefined && found.uid !== self)
    throw new ForeignFolderError(`${path} belongs to user id ${found.uid}, not to you (${self})`, {
      hint: 'Set BUILD_MACHINES_HOME to a folder of your own, or give this one back with chown.',
    });
  if ((found.mode & 0o077) !== 0) await chmod(path, 0o700);
}
