import type { Migration } from '../migrate.js';

/** What was run, where, for whom, and how it ended. Logs are files; `log_bytes` says how much of one is acknowledged. */
export const runs: Migration = {
  version: 3,
  name: 'runs',
  sql: `
    CREATE TABLE runs (
      id             TEXT PRIMARY KEY,
      seq            INTEGER NOT NULL UNIQUE,
      started        TEXT NOT NULL,
      outcome        TEXT NOT NULL,
      user           TEXT NOT NULL,
      machine        TEXT NOT NULL,
      project        TEXT,
      started_at     INTEGER NOT NULL,
      finished_at    INTEGER,
      finished       TEXT,
      last_seen_at   INTEGER NOT NULL,
      log_bytes      INTEGER NOT NULL DEFAULT 0,
      log_truncated  INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX runs_by_outcome ON runs (outcome, last_seen_at);
    CREATE INDEX runs_by_finish ON runs (finished_at);
  `,
};
