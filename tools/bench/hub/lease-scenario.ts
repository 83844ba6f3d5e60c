import { randomUUID } from 'node:crypto';
import type { MachineEntry } from '../../../libs/state-hub/src/api/catalog.js';
import { openDatabase } from '../../../libs/state-hub/src/database/database.js';
import { LeaseBook, type LeaseChange } from '../../../libs/state-hub/src/leases/core/lease-book.js';
import { LeaseService } from '../../../libs/state-hub/src/leases/lease-service.js';
import { LeaseStore } from '../../../libs/state-hub/src/leases/lease-store.js';
import { poolMachine } from '../../../libs/state-hub/src/leases/pool-machine.js';
import { machineEntry } from '../../../libs/state-hub/src/testing/machine-entry.js';

export interface Size {
  readonly machines: number;
  readonly leases: number;
}

export interface Measured {
  readonly name: string;
  readonly seconds: number;
  readonly perSecond: number;
  /** The slowest single step, in milliseconds. */
  readonly worstMs: number;
  readonly peakWaiting: number;
}

const USERS = 50;
const GHCS = ['9.0.2', '9.6.6', '9.8.4', '9.10.3'];
const START = Date.parse('2026-03-01T12:00:00Z');

/** Asks for all leases at once, and gives each back as soon as it is granted: the queue is as long as it can be. */
function play(
  size: Size,
  steps: { acquire(id: string, user: string, ghc: string): string[]; release(id: string): string[]; waiting(): number },
): Omit<Measured, 'name'> {
  const granted: string[] = [];
  let worstMs = 0;
  let peakWaiting = 0;
  const timed = (step: () => string[]) => {
    const startedAt = performance.now();
    granted.push(...step());
    worstMs = Math.max(worstMs, performance.now() - startedAt);
  };
  const startedAt = performance.now();
  for (let index = 0; index < size.leases; index += 1) {
    timed(() => steps.acquire(randomUUID(), `user-${index % USERS}`, GHCS[index % GHCS.length] ?? ''));
    peakWaiting = Math.max(peakWaiting, steps.waiting());
  }
  let served = 0;
  for (let id = granted.pop(); id !== undefined; id = granted.pop()) {
    const lease = id;
    timed(() => steps.release(lease));
    served += 1;
  }
  if (served !== size.leases) throw new Error(`${served} of ${size.leases} leases were served`);
  const seconds = (performance.now() - startedAt) / 1000;
  return { seconds, perSecond: size.leases / seconds, worstMs, peakWaiting };
}

/** The state machine by itself. */
export function benchBook(size: Size): Measured {
  const book = new LeaseBook({ waiting: [], leases: [], fences: new Map(), lastServed: new Map(), lastSeq: 0 }, START);
  for (const machine of machines(size)) book.setMachine(poolMachine(machine, null), START);
  const measured = play(size, {
    acquire: (id, user, ghc) =>
      grants(
        book.acquire(
          {
            id,
            user,
            label: 'bench',
            requirements: { ghc, labels: {}, avoid: [] },
            prefer: [],
            leaseMs: 3_600_000,
            holder: null,
          },
          START,
        ),
      ),
    release: (id) => grants(book.end(id, 'released', START)),
    waiting: () => book.queue.size,
  });
  return { name: 'the book alone', ...measured };
}

/** The service on a real database: each step is flushed to the disk before it counts. */
export function benchService(size: Size, file: string): Measured {
  const database = openDatabase(file);
  try {
    const present = new Map(machines(size).map((machine) => [machine.name, machine]));
    const changed: string[] = [];
    const service = new LeaseService({
      store: new LeaseStore(database),
      catalog: { list: () => [...present.values()], get: (name) => present.get(name) },
      now: () => START,
      isDead: () => false,
      onChange: (id) => changed.push(id),
    });
    const granted = () => changed.splice(0).filter((id) => service.isLive(id));
    const measured = play(size, {
      acquire(id, user, ghc) {
        service.acquire({ id, label: 'bench', requirements: { ghc }, lease_seconds: 3600 }, user);
        return [...new Set(granted())];
      },
      release(id) {
        service.end(id, 'released', false);
        return [...new Set(granted())];
      },
      waiting: () => service.size().waiting,
    });
    return { name: 'the service, synchronous=FULL', ...measured };
  } finally {
    database.close();
  }
}

function grants(changes: readonly LeaseChange[]): string[] {
  return changes.flatMap((change) => (change.kind === 'granted' ? [change.lease.id] : []));
}

function machines({ machines: count }: Size): MachineEntry[] {
  return Array.from({ length: count }, (_, index) => ({
    ...machineEntry(`machine-${index}`, 1),
    toolchains: [{ tool: 'ghc', version: GHCS[index % GHCS.length] ?? '', path: '/usr/bin/ghc' }],
  }));
}
