import type { Migration } from '../migrate.js';
import { catalog } from './0001-catalog.js';
import { leases } from './0002-leases.js';
import { runs } from './0003-runs.js';
import { cache } from './0004-cache.js';
import { leaseHolders } from './0005-lease-holders.js';

/** All steps of the schema, oldest first; the version of each is its place in this list. */
export const migrations: readonly Migration[] = [catalog, leases, runs, cache, leaseHolders];
