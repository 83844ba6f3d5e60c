import type { Migration } from '../migrate.js';

/** The process that a lease is for, as JSON: when it has died, its lease ends at once. */
export const leaseHolders: Migration = {
  version: 5,
  name: 'lease-holders',
  sql: 'ALTER TABLE lease_tickets ADD COLUMN holder TEXT;',
};
