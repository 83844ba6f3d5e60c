import { chmodSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import LibsqlDatabase from 'libsql';
import { type Migration, migrate } from './migrate.js';
import { migrations } from './migrations/index.js';

/** One open SQLite database. Its interface is better-sqlite3's: synchronous, statements prepared once. */
export type Database = InstanceType<typeof LibsqlDatabase>;

/** How long a statement waits for another process's lock (a backup, a second hub by mistake), in milliseconds. */
const BUSY_TIMEOUT_MS = 5_000;

/**
 * Opens (and creates, and migrates) the hub's database. The file and its folder are readable by their owner only.
 *
 * Durability: WAL with `synchronous=FULL`: each commit is flushed before its request is answered, so an acknowledged
 * write survives `kill -9` and a power cut alike. The price is one flush per write, a few milliseconds on a disk;
 * readers never wait for it.
 * @throws DatabaseTooNewError when a newer release wrote the file.
 */
export function openDatabase(file: string, steps: readonly Migration[] = migrations): Database {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const database = new LibsqlDatabase(file, { timeout: BUSY_TIMEOUT_MS });
  try {
    chmodSync(file, 0o600);
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    database.pragma('foreign_keys = ON');
    migrate(database, file, steps);
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}

/** Runs `work` in one write transaction: all of it is committed, or (when it throws) none. */
export function inTransaction<Result>(database: Database, work: () => Result): Result {
  if (database.inTransaction) return work();
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    // SQLite ends a transaction by itself when the disk is full; a second end would hide why.
    if (database.inTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/** Whether an error says that the disk has no room, or failed, so that nothing can be written. */
export function isDiskFailure(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^(SQLITE_(FULL|IOERR)|ENOSPC|EDQUOT|EIO)/.test(code);
}
