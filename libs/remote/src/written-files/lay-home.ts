import { createHash } from 'node:crypto';
import { lstat, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ForeignFileError, isErrno, placeNew, writeAside } from '@build-machines/owned-files';
import type { TreeEntry, WrittenFile } from '@build-machines/protocol';
import { foldersAbove } from '../sync/workspace-folders.js';

/** Names of folders into which no run may write here, because other programs believe what they find in them. */
const NEVER: ReadonlySet<string> = new Set(['.git', '.nx', '.build-machines', 'node_modules']);

/** What became of a written file. */
export type LaidHome =
  | { readonly path: string; readonly how: 'new' | 'replaced' | 'same' }
  | { readonly path: string; readonly how: 'refused'; readonly why: string };

/**
 * Puts a file that a run wrote where it belongs in the workspace, for a user who asked for it. Nothing of the user's is
 * lost: a new file goes only where nothing is, and a changed one only over the very content that was sent for the run.
 * No link is followed.
 * @param content a file of ours with the content; it may be used up.
 * @param sent what was sent for the run at this path.
 */
export async function layHome(
  workspaceRoot: string,
  file: WrittenFile,
  content: string,
  sent: TreeEntry | undefined,
): Promise<LaidHome> {
  const { path } = file;
  const refused = (why: string): LaidHome => ({ path, how: 'refused', why });
  const never = path.split('/').find((name) => NEVER.has(name));
  if (never !== undefined) return refused(`no run may write into ${never}`);
  const blocker = await notAFolder(workspaceRoot, path);
  if (blocker !== undefined) return refused(`${blocker} is no folder here`);
  const target = join(workspaceRoot, path);
  const found = await lstat(target).catch(unlessMissing);
  if (found === undefined) {
    if (file.change === 'changed') return refused('it was removed here since it was sent');
    await mkdir(join(target, '..'), { recursive: true });
    return placed(content, target, path);
  }
  if (!found.isFile()) return refused('it is no regular file here');
  const here = await readFile(target);
  if (digestOf(here) === file.sha256) return { path, how: 'same' };
  if (file.change === 'created') return refused('another file of this name is here, which was not sent');
  if (sent?.kind !== 'file' || digestOf(here) !== sent.sha256) return refused('it was edited here since it was sent');
  await writeAside(target, await readFile(content), found.mode & 0o777);
  return { path, how: 'replaced' };
}

async function placed(content: string, target: string, path: string): Promise<LaidHome> {
  try {
    await placeNew(content, target);
    return { path, how: 'new' };
  } catch (error) {
    if (!(error instanceof ForeignFileError)) throw error;
    return { path, how: 'refused', why: 'another file of this name has just come here' };
  }
}

/** The first thing above a path that is there and is not a folder, a link for example. */
async function notAFolder(workspaceRoot: string, path: string): Promise<string | undefined> {
  for (const folder of foldersAbove(path).filter(Boolean).reverse()) {
    const found = await lstat(join(workspaceRoot, folder)).catch(unlessMissing);
    if (found === undefined) return undefined;
    if (!found.isDirectory()) return folder;
  }
  return undefined;
}

function digestOf(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

function unlessMissing(error: unknown): undefined {
  if (!isErrno(error, 'ENOENT')) throw error;
}
