import type { Migration } from '../migrate.js';

/** Machines, their history, and the tokens that speak for machines and people. */
export const catalog: Migration = {
  version: 1,
  name: 'catalog',
  sql: `
    CREATE TABLE tokens (
      hash       TEXT PRIMARY KEY,
      id         TEXT NOT NULL UNIQUE,
      role       TEXT NOT NULL,
      name       TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      revoked_at INTEGER
    ) STRICT;
    CREATE TABLE machines (
      id                TEXT PRIMARY KEY,
      name              TEXT NOT NULL UNIQUE,
      machine_id        TEXT NOT NULL,
      registration      TEXT NOT NULL,
      heartbeat         TEXT,
      clock_skew_ms     INTEGER,
      registered_at     INTEGER NOT NULL,
      last_heartbeat_at INTEGER NOT NULL,
      state             TEXT NOT NULL,
      mode              TEXT NOT NULL DEFAULT 'active',
      mode_note         TEXT
    ) STRICT;
    CREATE TABLE machine_history (
      seq     INTEGER PRIMARY KEY AUTOINCREMENT,
      at      INTEGER NOT NULL,
      machine TEXT NOT NULL,
      change  TEXT NOT NULL,
      detail  TEXT NOT NULL
    ) STRICT;
    CREATE INDEX machine_history_by_machine ON machine_history (machine, seq);
    CREATE TABLE hub_clock (
      one          INTEGER PRIMARY KEY CHECK (one = 1),
      last_tick_at INTEGER NOT NULL
    ) STRICT;
  `,
};
