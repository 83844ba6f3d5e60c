import type { Migration } from '../migrate.js';

/** Lease tickets, from waiting to ended, and what fairness and fencing must remember. */
export const leases: Migration = {
  version: 2,
  name: 'leases',
  sql: `
    CREATE TABLE lease_tickets (
      id           TEXT PRIMARY KEY,
      seq          INTEGER NOT NULL UNIQUE,
      user         TEXT NOT NULL,
      label        TEXT NOT NULL,
      requirements TEXT NOT NULL,
      prefer       TEXT NOT NULL,
      lease_ms     INTEGER NOT NULL,
      enqueued_at  INTEGER NOT NULL,
      status       TEXT NOT NULL CHECK (status IN ('waiting', 'granted', 'ended')),
      machine      TEXT,
      machine_id   TEXT,
      slot         INTEGER,
      fence        INTEGER,
      granted_at   INTEGER,
      expires_at   INTEGER,
      ended_at     INTEGER,
      end_reason   TEXT
    ) STRICT;
    CREATE UNIQUE INDEX lease_one_per_slot ON lease_tickets (machine, slot) WHERE status = 'granted';
    CREATE UNIQUE INDEX lease_fence ON lease_tickets (machine, fence) WHERE fence IS NOT NULL;
    CREATE INDEX lease_by_status ON lease_tickets (status, ended_at);
    CREATE TABLE lease_fences (machine TEXT PRIMARY KEY, fence INTEGER NOT NULL) STRICT;
    CREATE TABLE lease_users  (user TEXT PRIMARY KEY, last_served INTEGER NOT NULL) STRICT;
  `,
};
