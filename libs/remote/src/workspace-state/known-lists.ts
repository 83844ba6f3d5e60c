import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { readJsonFile, writeAside } from '@build-machines/machines';
import { isErrno, removeFile } from '@build-machines/owned-files';
import { Sha256, type TreeEntry } from '@build-machines/protocol';
import { z } from 'zod';
import { withStateLock } from '@build-machines/sources';
import type { WorkspaceState } from './workspace-state.js';

const KnownListsFile = z.object({
  version: z.literal(2),
  workspaceId: z.uuid(),
  lists: z.array(z.object({ label: z.string(), digest: Sha256 })),
});

/** A list that a machine was sent, by the label of its command. */
export interface KnownList {
  readonly label: string;
  readonly digest: string;
}

/** So many lists are remembered for each machine, one for each label: as many as an agent remembers. */
const LISTS_PER_MACHINE = 64;

/** So many lists are kept on disk, those of all machines together: most machines have the same ones. */
const LISTS_ON_DISK = 2 * LISTS_PER_MACHINE;

/**
 * The lists that a machine is believed to remember, the latest first. A belief only: the agent says so when it is wrong.
 * A lost or damaged file costs a larger request and nothing else.
 */
export async function knownLists(
  state: WorkspaceState,
  machine: string,
  workspaceId: string,
): Promise<readonly KnownList[]> {
  const known = await readJsonFile(state.knownListsFile(machine), KnownListsFile).catch(() => undefined);
  return known?.workspaceId === workspaceId ? known.lists : [];
}

/** The entries of a list; undefined when they are not there, or not those of this digest. */
export async function readList(state: WorkspaceState, digest: string): Promise<readonly TreeEntry[] | undefined> {
  try {
    const text = await readFile(fileOf(state, digest), 'utf8');
    const json = text.slice(CHECKSUM_LENGTH + 1);
    // Of the text, since the digest of the entries takes ten times as long.
    return text.startsWith(`${checksumOf(digest, json)}\n`) ? (JSON.parse(json) as readonly TreeEntry[]) : undefined;
  } catch {
    // Whatever is wrong with it, the list is sent as a whole.
    return undefined;
  }
}

/** Records that a machine now remembers a list for a label, in place of the one before. */
export async function rememberList(
  state: WorkspaceState,
  machine: string,
  workspaceId: string,
  label: string,
  list: { readonly digest: string; readonly entries: readonly TreeEntry[] },
): Promise<void> {
  const before = await knownLists(state, machine, workspaceId);
  if (before[0]?.label === label && before[0].digest === list.digest) return;
  await writeList(state, list);
  const file = state.knownListsFile(machine);
  await withStateLock(file, async () => {
    const known = await knownLists(state, machine, workspaceId);
    const others = known.filter((one) => one.label !== label);
    const lists = [{ label, digest: list.digest }, ...others].slice(0, LISTS_PER_MACHINE);
    await writeAside(file, JSON.stringify({ version: 2, workspaceId, lists }), 0o600);
  });
}

async function writeList(
  state: WorkspaceState,
  { digest, entries }: { readonly digest: string; readonly entries: readonly TreeEntry[] },
): Promise<void> {
  const file = fileOf(state, digest);
  const now = new Date();
  try {
    await utimes(file, now, now);
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error;
    await mkdir(state.listsFolder, { recursive: true, mode: 0o700 });
    const json = JSON.stringify(entries);
    await writeAside(file, `${checksumOf(digest, json)}\n${json}`, 0o600);
    await removeOldest(state.listsFolder);
  }
}

/** Another process may remove or use the same ones: what is gone costs one larger request. */
async function removeOldest(folder: string): Promise<void> {
  const names = await readdir(folder);
  if (names.length <= LISTS_ON_DISK) return;
  const aged = await Promise.all(
    names.map(async (name) => ({
      name,
      usedAt: (await stat(join(folder, name)).catch(() => undefined))?.mtimeMs ?? 0,
    })),
  );
  for (const { name } of aged.sort((a, b) => b.usedAt - a.usedAt).slice(LISTS_ON_DISK))
    await removeFile(join(folder, name));
}

/** Length of a SHA-256 in hexadecimal. */
const CHECKSUM_LENGTH = 64;

function checksumOf(digest: string, json: string): string {
  return createHash('sha256').update(digest).update(json).digest('hex');
}

function fileOf({ listsFolder }: WorkspaceState, digest: string): string {
  return join(listsFolder, `${digest}.json`);
}
