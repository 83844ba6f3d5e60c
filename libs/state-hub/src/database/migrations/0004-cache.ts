import type { Migration } from '../migrate.js';

/** The Nx remote cache: its entries (contents are files), and daily counts for the page. */
export const cache: Migration = {
  version: 4,
  name: 'cache',
  sql: `
    CREATE TABLE cache_entries (
      hash         TEXT PRIMARY KEY,
      size         INTEGER NOT NULL,
      sha256       TEXT NOT NULL,
      stored_by    TEXT NOT NULL,
      stored_at    INTEGER NOT NULL,
      last_used_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX cache_by_use ON cache_entries (last_used_at);
    CREATE TABLE cache_days (
      day    TEXT PRIMARY KEY,
      hits   INTEGER NOT NULL DEFAULT 0,
      misses INTEGER NOT NULL DEFAULT 0,
      stores INTEGER NOT NULL DEFAULT 0
    ) STRICT;
  `,
};
