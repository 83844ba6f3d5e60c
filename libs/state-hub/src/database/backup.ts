import { chmodSync, existsSync, rmSync } from 'node:fs';
import { BuildMachinesError } from '@build-machines/protocol';
import LibsqlDatabase from 'libsql';

/** The backup cannot be written where it should. */
export class BackupTargetError extends BuildMachinesError {
  readonly code = 'hub-backup-target';
}

/**
 * Writes a complete, consistent copy of a hub's database while the hub may go on working. The copy is compact and
 * readable by its owner only; to restore, stop the hub and put the copy in the place of its database file.
 * @throws BackupTargetError when a file is there already, or the database is not.
 */
export function backupDatabase(databaseFile: string, target: string): void {
  if (!existsSync(databaseFile)) {
    throw new BackupTargetError(`there is no hub database at ${databaseFile}`, {
      hint: 'Name its state folder: build-machines hub backup --state <folder> <file>',
    });
  }
  if (existsSync(target)) {
    throw new BackupTargetError(`${target} exists already`, {
      hint: 'Name a new file: a backup never overwrites one.',
    });
  }
  const database = new LibsqlDatabase(databaseFile, { timeout: 5_000 });
  try {
    database.prepare('VACUUM INTO ?').run(target);
    chmodSync(target, 0o600);
  } catch (error) {
    rmSync(target, { force: true });
    throw error;
  } finally {
    database.close();
  }
}
