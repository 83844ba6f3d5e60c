import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { makeTemporaryFolder, openNew, removeFile, removeTemporaryFolder } from '@build-machines/owned-files';
import LibsqlDatabase from 'libsql';
import { pack, type Pack } from 'tar-stream';
import { z } from 'zod';
import type { HubStateFiles } from '../hub/state-files.js';
import { BackupTargetError } from './backup-errors.js';
import { DATABASE_MEMBER, logMember } from './backup-layout.js';

/** What a backup holds. */
export interface BackupContent {
  readonly logs: number;
}

type Log = z.output<typeof Log>;
const Log = z.object({ id: z.string(), log_bytes: z.number() });

/**
 * Writes a complete, consistent copy of what a hub keeps, while it may go on working: its database as of now, and of each
 * run's log as much as that says. One tar archive, compressed by gzip, readable by its owner only. The remote cache is
 * not in it, as it can be made again, nor is the administrator's token. `restoreHub` takes it back.
 * @throws BackupTargetError when a file is there already, or the database is not.
 */
export async function backupHub(
  { databaseFile, runLogFolder }: Pick<HubStateFiles, 'databaseFile' | 'runLogFolder'>,
  target: string,
): Promise<BackupContent> {
  if (!existsSync(databaseFile)) {
    throw new BackupTargetError(`there is no hub database at ${databaseFile}`, {
      hint: 'Name its state folder: npx build-machines hub backup --state <folder> <file>',
    });
  }
  const file = await openTarget(target);
  // Beside the archive, where there is room for it.
  const aside = await makeTemporaryFolder(join(dirname(target), '.hub-backup-'));
  try {
    const copy = join(aside, DATABASE_MEMBER);
    const logs = copyDatabase(databaseFile, copy);
    const tar = pack();
    const written = pipeline(tar, createGzip(), createWriteStream('', { fd: file.fd, autoClose: false }));
    const packed = packAll(tar, copy, logs, runLogFolder);
    packed.catch((error: unknown) => {
      tar.destroy(error instanceof Error ? error : new Error(String(error)));
    });
    await Promise.all([packed, written]);
    await file.sync();
    return { logs: await packed };
  } catch (error) {
    await removeFile(target);
    throw error;
  } finally {
    await file.close();
    await removeTemporaryFolder(aside);
  }
}

async function openTarget(target: string): ReturnType<typeof open> {
  try {
    return await openNew(target, 0o600);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST')
      throw new BackupTargetError(`${target} exists already`, {
        hint: 'Name a new file: a backup never overwrites one.',
      });
    throw new BackupTargetError(`${target} cannot be written: ${message}`, {
      hint: 'Name a file in a folder that is there and that you may write to.',
      cause: error,
    });
  }
}

/** Copies the database as of one moment. @returns the logs that belong to it. */
function copyDatabase(databaseFile: string, copy: string): Log[] {
  const database = new LibsqlDatabase(databaseFile, { timeout: 5_000 });
  try {
    database.prepare('VACUUM INTO ?').run(copy);
  } finally {
    database.close();
  }
  const copied = new LibsqlDatabase(copy, { readonly: true });
  try {
    return z.array(Log).parse(copied.prepare('SELECT id, log_bytes FROM runs WHERE log_bytes > 0').all());
  } finally {
    copied.close();
  }
}

/** @returns how many logs there are: one whose run is just being forgotten may be gone. */
async function packAll(tar: Pack, copy: string, logs: readonly Log[], runLogFolder: string): Promise<number> {
  await packFile(tar, DATABASE_MEMBER, copy);
  let count = 0;
  for (const { id, log_bytes: bytes } of logs) {
    if (await packFile(tar, logMember(id), join(runLogFolder, `${id}.log`), bytes)) count += 1;
  }
  tar.finalize();
  return count;
}

/** Packs a file, or no more than its first bytes. @returns false when it is not there, or empty. */
async function packFile(tar: Pack, name: string, path: string, atMost = Infinity): Promise<boolean> {
  let file;
  try {
    file = await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
  try {
    const size = Math.min((await file.stat()).size, atMost);
    if (size === 0) return false;
    const entry = tar.entry({ name, size, mode: 0o600 });
    await pipeline(createReadStream('', { fd: file.fd, autoClose: false, start: 0, end: size - 1 }), entry);
    return true;
  } finally {
    await file.close();
  }
}
