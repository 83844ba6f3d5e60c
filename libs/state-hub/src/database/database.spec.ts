import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toAnswer } from '../http/error-handler.js';
import { type Database, inTransaction, isDiskFailure, openDatabase } from './database.js';

describe('a database whose disk is full', () => {
  let folder: string;
  let database: Database;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hub-'));
    database = openDatabase(join(folder, 'hub.db'));
  });
  afterEach(() => {
    database.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const fill = (): void => {
    inTransaction(database, () => {
      for (let index = 0; index < 1000; index += 1)
        database
          .prepare('INSERT INTO machine_history (at, machine, change, detail) VALUES (?, ?, ?, ?)')
          .run(...[index, 'm1', 'registered', 'x'.repeat(1000)]);
    });
  };

  it('says so, keeps nothing of the transaction, and works again when there is room', () => {
    database.pragma('max_page_count = 60');
    const error = thrownBy(fill);
    expect(isDiskFailure(error)).toBe(true);
    expect(database.inTransaction).toBe(false);
    expect(database.prepare('SELECT count(*) AS rows FROM machine_history').get()).toMatchObject({ rows: 0 });
    database.pragma('max_page_count = 100000');
    fill();
    expect(database.prepare('SELECT count(*) AS rows FROM machine_history').get()).toMatchObject({ rows: 1000 });
  });

  it('is told to clients as that, with the folder', () => {
    database.pragma('max_page_count = 60');
    expect(toAnswer(thrownBy(fill), '/var/hub')).toMatchObject({
      status: 507,
      body: { code: 'hub-disk-full', hint: expect.stringContaining('df -h /var/hub'), details: { folder: '/var/hub' } },
    });
  });
});

function thrownBy(work: () => void): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
