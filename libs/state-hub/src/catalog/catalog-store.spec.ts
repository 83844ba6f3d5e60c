import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inTransaction, openDatabase } from '../database/database.js';
import { CatalogStore } from './catalog-store.js';

describe('the history of machines', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'catalog-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('keeps the newest thousand lines of a machine, so that one machine can neither fill the disk nor hide others', () => {
    const database = openDatabase(join(folder, 'hub.db'));
    const store = new CatalogStore(database);
    store.note({ machine: 'quiet', change: 'registered', detail: {} }, 1);
    inTransaction(database, () => {
      for (let n = 0; n < 1100; n += 1) store.note({ machine: 'loud', change: 'updated', detail: { n } }, 2);
    });
    const lines = store.history({ limit: 5000 });
    expect(lines.filter(({ machine }) => machine === 'loud')).toHaveLength(1000);
    expect(lines[0]).toMatchObject({ detail: { n: 1099 } });
    expect(lines.filter(({ machine }) => machine === 'quiet')).toHaveLength(1);
    database.close();
  });
});
