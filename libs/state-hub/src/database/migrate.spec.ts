import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CatalogStore } from '../catalog/catalog-store.js';
import { registration } from '../testing/hub-rig.js';
import { openDatabase } from './database.js';
import { schemaVersion } from './migrate.js';
import { migrations } from './migrations/index.js';

describe('migrations', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hub-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** What a hub of a version would have written. Grows by a line with each version. */
  const written: Record<number, string> = {
    1: `INSERT INTO tokens VALUES ('${'a'.repeat(64)}', 't1', 'machine', 'm1', 1, NULL);
        INSERT INTO machines VALUES ('id1', 'm1', 'id-of-m1', '${JSON.stringify(registration('m1'))}', NULL, NULL, 1, 2,
          'ready', 'draining', 'note');`,
    2: `INSERT INTO lease_tickets (id, seq, user, label, requirements, prefer, lease_ms, enqueued_at, status)
          VALUES ('l1', 1, 'ada', 'x', '{}', '[]', 60000, 1, 'waiting');`,
    3: `INSERT INTO runs (id, seq, started, outcome, user, machine, project, started_at, last_seen_at)
          VALUES ('r1', 1, '{}', 'running', 'ada', 'm1', 'p', 1, 1);`,
    4: `INSERT INTO cache_days VALUES ('2026-03-01', 1, 2, 3);`,
    5: `UPDATE lease_tickets SET holder = '{"host":"h","pid":1,"started":"1"}';`,
  };

  it('are numbered by their place', () => {
    expect(migrations.map(({ version }) => version)).toEqual(migrations.map((_, index) => index + 1));
    expect(Object.keys(written).map(Number)).toEqual(migrations.map(({ version }) => version));
  });

  it.each(migrations.map(({ version, name }) => [version, name] as const))(
    'bring a database of version %i (%s) to the newest, with all that was in it',
    (version) => {
      const file = join(folder, 'hub.db');
      const old = openDatabase(file, migrations.slice(0, version));
      for (let step = 1; step <= version; step += 1) old.exec(written[step] ?? '');
      const before = dump(old);
      old.close();
      const database = openDatabase(file);
      expect(schemaVersion(database)).toBe(migrations.length);
      expect(dump(database)).toMatchObject(before);
      expect(new CatalogStore(database).loadMachines()).toMatchObject([
        { id: 'id1', mode: 'draining', registration: registration('m1') },
      ]);
      database.close();
    },
  );

  it('leave a database untouched when a step fails', () => {
    const file = join(folder, 'hub.db');
    const broken = [
      ...migrations.slice(0, 1),
      { version: 2, name: 'broken', sql: 'CREATE TABLE x (a); SELECT nonsense' },
    ];
    expect(() => openDatabase(file, broken)).toThrow();
    const database = openDatabase(file, migrations.slice(0, 1));
    expect(schemaVersion(database)).toBe(1);
    expect(database.prepare("SELECT name FROM sqlite_schema WHERE name = 'x'").all()).toEqual([]);
    database.close();
  });

  it('refuse a database that a newer release wrote', () => {
    const file = join(folder, 'hub.db');
    const newer = openDatabase(file);
    newer.exec(`PRAGMA user_version = ${migrations.length + 1}`);
    newer.close();
    expect(() => openDatabase(file)).toThrow(expect.objectContaining({ code: 'hub-database-too-new' }));
  });

  function dump(database: ReturnType<typeof openDatabase>): Record<string, unknown> {
    const tables = database
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
      .all() as { name: string }[];
    return Object.fromEntries(
      tables.map(({ name }) => [name, database.prepare(`SELECT * FROM ${name}`).all()] as const),
    );
  }
});
