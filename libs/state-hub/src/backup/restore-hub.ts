import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { makeTemporaryFolder, moveOwn, removeTemporaryFolder } from '@build-machines/owned-files';
import { BuildMachinesError } from '@build-machines/protocol';
import LibsqlDatabase from 'libsql';
import { extract } from 'tar-stream';
import { type Database, inTransaction, openDatabase } from '../database/database.js';
import { claimHubFolder, type HubStateFiles } from '../hub/state-files.js';
import { BackupUnreadableError, HubRunningError } from './backup-errors.js';
import { DATABASE_MEMBER, runOfMember } from './backup-layout.js';

/** What was put back. */
export interface Restored {
  readonly logs: number;
  /** Where what was there before is now; null: nothing was. */
  readonly before: string | null;
}

/**
 * Puts a backup in the place of a hub's state: its database, migrated to this release, and the logs of its runs. All of
 * it is read and checked before anything is changed, and what was there is moved aside, not removed.
 * @throws BackupUnreadableError; HubRunningError; DatabaseTooNewError when a newer release wrote the backup.
 */
export async function restoreHub(
  { databaseFile, runLogFolder }: Pick<HubStateFiles, 'databaseFile' | 'runLogFolder'>,
  backup: string,
  now: () => number = Date.now,
): Promise<Restored> {
  const folder = dirname(databaseFile);
  await claimHubFolder(folder);
  const fresh = await makeTemporaryFolder(join(folder, '.restoring-'));
  try {
    const logs = await unpack(backup, fresh);
    prepareDatabase(backup, join(fresh, DATABASE_MEMBER), now());
    const replaced = [databaseFile, runLogFolder].filter((path) => existsSync(path));
    if (existsSync(databaseFile)) takeOutOfUse(databaseFile);
    const before = replaced.length === 0 ? null : await makeTemporaryFolder(join(folder, 'before-restore-'));
    if (before !== null) {
      for (const path of replaced)
        await moveOwn(path, join(before, path === databaseFile ? DATABASE_MEMBER : 'run-logs'));
    }
    await moveOwn(join(fresh, 'run-logs'), runLogFolder);
    await moveOwn(join(fresh, DATABASE_MEMBER), databaseFile);
    return { logs, before };
  } finally {
    await removeTemporaryFolder(fresh);
  }
}

/** Writes the members of a backup below a folder. @returns the number of logs. */
async function unpack(backup: string, folder: string): Promise<number> {
  await mkdir(join(folder, 'run-logs'), { mode: 0o700 });
  const members = extract();
  const source = pipeline(createReadStream(backup), createGunzip(), members);
  source.catch(() => undefined); // It is the loop's own failure too, or comes out below.
  let logs = 0;
  let hasDatabase = false;
  try {
    for await (const member of members) {
      const { name, type } = member.header;
      const isLog = runOfMember(name) !== undefined;
      if (type !== 'file' || (name !== DATABASE_MEMBER && !isLog)) throw new Error(`it holds "${name}"`);
      await pipeline(member, createWriteStream(join(folder, name), { mode: 0o600, flags: 'wx', flush: true }));
      if (isLog) logs += 1;
      else hasDatabase = true;
    }
    await source;
  } catch (error) {
    throw new BackupUnreadableError(backup, error instanceof Error ? error.message : String(error), error);
  }
  if (!hasDatabase) throw new BackupUnreadableError(backup, 'it holds no database');
  return logs;
}

/** Opens the database as the hub will, which migrates it, has SQLite look through it, and ends what was going on. */
function prepareDatabase(backup: string, file: string, now: number): void {
  try {
    const database = openDatabase(file);
    try {
      const [verdict] = database.pragma('quick_check') as { quick_check: string }[];
      if (verdict?.quick_check !== 'ok') throw new BackupUnreadableError(backup, verdict?.quick_check ?? 'no answer');
      endWhatWasLive(database, now);
      // All in one file, which is moved next.
      database.pragma('journal_mode = DELETE');
    } finally {
      database.close();
    }
  } catch (error) {
    if (error instanceof BuildMachinesError) throw error;
    throw new BackupUnreadableError(backup, error instanceof Error ? error.message : String(error), error);
  }
}

/**
 * Leases of then are nobody's now. And machines have seen later fences than the backup has, so they would refuse its next
 * leases: under new ids they are unknown to the hub, register anew at their next heartbeat, and forget the fences.
 */
function endWhatWasLive(database: Database, now: number): void {
  inTransaction(database, () => {
    database
      .prepare(
        "UPDATE lease_tickets SET status = 'ended', ended_at = ?, end_reason = 'revoked' WHERE status <> 'ended'",
      )
      .run(now);
    for (const row of database.prepare('SELECT id FROM machines').all() as { id: string }[])
      database.prepare('UPDATE machines SET id = ? WHERE id = ?').run(randomUUID(), row.id);
  });
}

/**
 * Brings a database out of WAL mode, which nobody can do while another process has it open; so it shows whether a hub
 * runs, and leaves one file, without a log of writes that would be replayed into another database.
 * @throws HubRunningError
 */
function takeOutOfUse(databaseFile: string): void {
  const database = new LibsqlDatabase(databaseFile, { timeout: 100 });
  try {
    database.pragma('journal_mode = DELETE');
  } catch (error) {
    throw /locked|busy/i.test(String(error)) ? new HubRunningError(databaseFile) : error;
  } finally {
    database.close();
  }
}
