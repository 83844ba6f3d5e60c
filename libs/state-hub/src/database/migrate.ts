import { BuildMachinesError } from '@build-machines/protocol';
import { z } from 'zod';
import type { Database } from './database.js';

/** One step of the schema. Released steps are never edited; a change of the schema is a further step. */
export interface Migration {
  /** Counts from 1 without gaps; the database's `user_version` after the step. */
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}

/** The database was written by a newer release than this one. */
export class DatabaseTooNewError extends BuildMachinesError {
  readonly code = 'hub-database-too-new';

  constructor(file: string, found: number, known: number) {
    super(`${file} has schema version ${found}; this release of build-machines knows versions up to ${known}`, {
      hint: 'Update build-machines to the release that wrote it, or start the hub with another database file.',
      details: { file, found, known },
    });
  }
}

/** The schema version that a database has; 0 for an empty one. */
export function schemaVersion(database: Database): number {
  const [row] = z.array(z.object({ user_version: z.number().int() })).parse(database.pragma('user_version'));
  return row?.user_version ?? 0;
}

/**
 * Brings a database to the newest version in `steps`. Each step is one transaction together with its version number, so
 * a crash in between leaves a database that continues where it stopped.
 * @throws DatabaseTooNewError when the database is ahead of `steps`.
 */
export function migrate(database: Database, file: string, steps: readonly Migration[]): void {
  const newest = steps.length;
  const found = schemaVersion(database);
  if (found > newest) throw new DatabaseTooNewError(file, found, newest);
  for (const step of steps.slice(found)) {
    database
      .transaction(() => {
        database.exec(step.sql);
        database.exec(`PRAGMA user_version = ${step.version}`);
      })
      .immediate();
  }
}
