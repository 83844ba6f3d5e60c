import { dirname, join } from 'node:path';
import { TokenStore } from '../auth/token-store.js';
import { Cache } from '../cache/cache.js';
import { CacheIndex } from '../cache/cache-index.js';
import { Catalog } from '../catalog/catalog.js';
import { CatalogStore } from '../catalog/catalog-store.js';
import { openDatabase } from '../database/database.js';
import { EventBus } from '../events/event-bus.js';
import { isDeadHere } from '../leases/local-process.js';
import { LeaseService } from '../leases/lease-service.js';
import { LeaseStore } from '../leases/lease-store.js';
import { RunLogs } from '../runs/run-log.js';
import { RunService } from '../runs/run-service.js';
import { RunStore } from '../runs/run-store.js';
import type { HubOptions } from './hub-options.js';
import { PauseWatch } from './pause-watch.js';
import { claimHubFolder, RUN_LOGS } from './state-files.js';

/** Everything of a hub but its HTTP server. */
export interface HubParts {
  readonly bus: EventBus;
  readonly tokens: TokenStore;
  readonly catalog: Catalog;
  readonly catalogStore: CatalogStore;
  readonly leases: LeaseService;
  readonly runs: RunService;
  readonly runStore: RunStore;
  readonly cache: Cache;
  /** Moves deadlines by the time in which the hub could not listen. Called before anything goes by the clock. */
  noticePause(): void;
  /** Does what is due by now. Called every few seconds, one call at a time. */
  sweep(): Promise<void>;
  /** Lets all who wait go. The parts still answer. */
  stopWaiting(): void;
  /** Writes down what is only in memory and closes the database. */
  close(): void;
}

/** How long a computer may be too busy for a sweep, in milliseconds, before that counts as a pause. */
const STALL_MS = 5_000;

/** Opens what is on disk and puts the parts together: the one place where they meet. */
export async function openHubParts(
  options: HubOptions,
  now: () => number,
  steady: (() => number) | undefined,
): Promise<HubParts> {
  await claimHubFolder(dirname(options.databaseFile));
  const database = openDatabase(options.databaseFile);
  const besideDatabase = (name: string) => join(dirname(options.databaseFile), name);
  const bus = new EventBus();
  const tokens = new TokenStore(database, options.adminToken);
  const catalogStore = new CatalogStore(database);
  const leaseStore = new LeaseStore(database);
  const runStore = new RunStore(database);
  const retentionMs = options.runRetentionDays * 24 * 3_600_000;

  /** The catalog and the leases know each other; the catalog comes first. */
  const pool: { leases?: LeaseService } = {};
  const catalog = new Catalog({
    store: catalogStore,
    ttlMs: options.ttlSeconds * 1000,
    now,
    leasedSlots: (machine) => pool.leases?.leasesOn(machine).length ?? 0,
    onChange: (machine) => {
      pool.leases?.machineChanged(machine);
      bus.publish({ kind: 'machine', id: machine });
    },
  });
  const leases = new LeaseService({
    store: leaseStore,
    catalog,
    now,
    isDead: isDeadHere,
    onChange: (id) => {
      bus.publish({ kind: 'queue', id });
    },
  });
  pool.leases = leases;

  const logs = new RunLogs(options.runLogFolder ?? besideDatabase(RUN_LOGS));
  await logs.open();
  const runs = new RunService({
    store: runStore,
    logs,
    now,
    retentionMs,
    onChange: (id) => {
      bus.publish({ kind: 'run', id });
    },
  });
  const cache = new Cache({
    folder: options.cacheFolder ?? besideDatabase('cache'),
    index: new CacheIndex(database),
    maxBytes: options.cacheMaxBytes,
    maxEntryBytes: options.cacheMaxEntryBytes,
    now,
    onChange: () => {
      bus.publish({ kind: 'cache', id: '' });
    },
  });
  await cache.open();

  const pauses =
    steady === undefined ? undefined : new PauseWatch({ wall: now, steady }, options.sweepSeconds * 1000 + STALL_MS);
  const noticePause = (): void => {
    const lost = pauses?.look() ?? 0;
    if (lost === 0) return;
    catalog.pausedFor(lost);
    leases.pausedFor(lost);
  };

  return {
    noticePause,
    ...{ bus, tokens, catalog, catalogStore, leases, runs, runStore, cache },
    async sweep() {
      const before = now() - retentionMs;
      // Each step by itself: what hinders one (a full disk, mostly) says nothing of the others.
      const ended = await Promise.allSettled(
        [
          noticePause,
          () => {
            leases.sweep();
          },
          () => {
            catalog.sweep();
          },
          () => {
            cache.flush();
          },
          () => {
            catalogStore.pruneHistory(before);
          },
          () => {
            leaseStore.prune(before);
          },
          () => {
            tokens.prune(before);
          },
          () => runs.sweep(),
        ].map((step) => Promise.resolve().then(step)),
      );
      const failures = ended.flatMap((end): unknown[] => (end.status === 'rejected' ? [end.reason] : []));
      if (failures.length > 0) throw new AggregateError(failures, 'parts of the sweep failed');
    },
    stopWaiting() {
      leases.close();
      runs.close();
    },
    close() {
      cache.flush();
      database.close();
    },
  };
}
