import { join } from 'node:path';
import type { MachineEntry } from '../api/catalog.js';
import type { LeaseTicket } from '../api/leases.js';
import { type Database, openDatabase } from '../database/database.js';
import { LeaseService } from '../leases/lease-service.js';
import { FailingStore } from './failing-store.js';
import { type Command, type MachineChange, MACHINES } from './lease-commands.js';
import { machineEntry } from './machine-entry.js';

/** What a client was told of its ticket, and until when that must hold. */
interface Told {
  id: string;
  user: string;
  lease: { machine: string; fence: number; expiresAt: number } | null;
  seenAt: number;
  released: boolean;
  /** Its process has ended; `buried`: and the hub has looked since. */
  dead: boolean;
  buried: boolean;
}

/** Runs commands against a real service on a real database, and keeps what clients were told. */
export class World {
  now = Date.parse('2026-03-01T12:00:00Z');
  readonly machines = new Map<string, MachineEntry>();
  readonly told: Told[] = [];
  /** Machines whose leases ended because the machine went away, by fence. */
  readonly lostFences = new Set<string>();
  readonly largestFence = new Map<string, number>();
  readonly #file: string;
  #database: Database;
  #store: FailingStore;
  service: LeaseService;

  constructor(folder: string) {
    this.#file = join(folder, 'hub.db');
    for (const [index, name] of MACHINES.entries()) this.machines.set(name, machineEntry(name, index + 1));
    [this.#database, this.#store, this.service] = this.#open();
  }

  run(step: Command): void {
    try {
      this.#try(step);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('crash')) throw error;
      // The client was told nothing. Either the process died with the request, or the disk refused and the hub goes on.
      if (error.message === 'crash before the commit') this.#sweepUntilWell();
      else this.reopen();
    }
    this.check();
  }

  reopen(): void {
    this.close();
    [this.#database, this.#store, this.service] = this.#open();
    // While the hub was away nobody could renew: leases start anew, and so do the clients' expectations.
    for (const one of this.told) {
      one.seenAt = this.now;
      if (one.lease === null) continue;
      if (this.now >= one.lease.expiresAt) one.lease = null;
      else one.lease.expiresAt = this.now + 20_000;
    }
  }

  close(): void {
    this.service.close();
    this.#database.close();
  }

  #open(): [Database, FailingStore, LeaseService] {
    const database = openDatabase(this.#file);
    const store = new FailingStore(database);
    const service = new LeaseService({
      store,
      catalog: { list: () => [...this.machines.values()], get: (name) => this.machines.get(name) },
      now: () => this.now,
      // The process of a client has the number of the client.
      isDead: ({ pid }) => this.told[pid - 1]?.dead === true,
      onChange: () => undefined,
    });
    return [database, store, service];
  }

  #try(step: Command): void {
    switch (step.do) {
      case 'acquire': {
        const id = `00000000-0000-4000-8000-${String(this.told.length).padStart(12, '0')}`;
        const one: Told = {
          id,
          user: step.user,
          lease: null,
          seenAt: this.now,
          released: false,
          dead: false,
          buried: false,
        };
        let ticket: LeaseTicket;
        try {
          ticket = this.service.acquire(requestFor(id, step), step.user);
        } catch (error) {
          if (error instanceof Error && error.name === 'NoMachineFitsError') return;
          throw error;
        }
        this.told.push(one);
        this.#learn(one, ticket);
        return;
      }
      case 'again':
        return this.#with(step.which, (one) => this.service.acquire(requestFor(one.id, { user: one.user }), one.user));
      case 'renew':
        return this.#with(step.which, (one) => {
          try {
            return this.service.renew(one.id);
          } catch (error) {
            if (error instanceof Error && error.name === 'LeaseEndedError') return this.service.ticket(one.id);
            throw error;
          }
        });
      case 'release':
        return this.#with(step.which, (one) => {
          one.lease = null; // From here on the client claims nothing, whether or not the answer reaches it.
          const ticket = this.service.end(one.id, 'released', false);
          one.released = true;
          return ticket;
        });
      case 'poll':
        return this.#with(step.which, (one) => {
          void this.service.poll(one.id, 0, AbortSignal.timeout(1));
          one.seenAt = this.now;
          return this.service.ticket(one.id);
        });
      case 'die': {
        const one = this.told[step.which % Math.max(this.told.length, 1)];
        if (one === undefined) return;
        one.dead = true;
        one.lease = null;
        return this.#sweep();
      }
      case 'nap':
        this.now += step.seconds * 1000;
        this.service.pausedFor(step.seconds * 1000);
        for (const one of this.told) {
          one.seenAt += step.seconds * 1000;
          if (one.lease !== null) one.lease.expiresAt += step.seconds * 1000;
        }
        return;
      case 'wait':
        this.now += step.seconds * 1000;
        return this.#sweep();
      case 'machine':
        this.#changeMachine(step.name, step.change);
        this.service.machineChanged(step.name);
        return;
      case 'reopen':
        this.reopen();
        return;
      case 'fail':
        this.#store.fail = step.when;
        this.#store.times = step.when === 'before' ? step.times : 1;
    }
  }

  #sweepUntilWell(): void {
    for (;;) {
      try {
        this.#sweep();
        return;
      } catch (error) {
        if (!(error instanceof Error) || error.message !== 'crash before the commit') throw error;
      }
    }
  }

  #sweep(): void {
    this.service.sweep();
    for (const one of this.told) one.buried = one.dead;
  }

  #with(which: number, action: (one: Told) => LeaseTicket): void {
    const one = this.told[which % Math.max(this.told.length, 1)];
    if (one?.dead === false) this.#learn(one, action(one));
  }

  #learn(one: Told, ticket: LeaseTicket): void {
    if (ticket.status !== 'granted') return;
    const { machine, fence, expires_at } = ticket.lease;
    one.lease = { machine, fence, expiresAt: Date.parse(expires_at) };
  }

  #changeMachine(name: string, change: MachineChange): void {
    const old = this.machines.get(name) ?? machineEntry(name, 1);
    const losesLeases =
      change === 'remove' ||
      change === 'replace' ||
      (typeof change === 'object' && 'state' in change && change.state === 'gone');
    if (losesLeases) {
      for (const { fence } of this.service.leasesOn(name)) this.lostFences.add(`${name}#${fence}`);
    }
    if (change === 'remove') this.machines.delete(name);
    else if (change === 'replace')
      this.machines.set(name, { ...old, state: 'ready', machine_id: `${old.machine_id}'` });
    else this.machines.set(name, { ...old, ...change });
  }

  check(): void {
    const view = this.service.view();
    const held = view.leases.map(({ machine, slot }) => `${machine}#${slot}`);
    expect(new Set(held).size).toBe(held.length);
    const onDisk = this.#store.load();
    expect(onDisk.leases.map(({ id, fence, slot }) => [id, fence, slot]).sort()).toEqual(
      view.leases.map(({ id, fence, slot }) => [id, fence, slot]).sort(),
    );
    expect(onDisk.waiting.map(({ id }) => id).sort()).toEqual(view.waiting.map(({ id }) => id).sort());
    this.#checkFences(view.leases);
    this.#checkPromises(
      new Map(view.leases.map((lease) => [lease.id, lease])),
      new Set(view.waiting.map(({ id }) => id)),
    );
    this.#checkNobodyWaitsForNothing(view);
  }

  /** Each machine's fences only grow, across restarts and rebuilds. */
  #checkFences(leases: readonly { id: string; machine: string; fence: number }[]): void {
    const largest = new Map(this.largestFence);
    for (const { machine, fence, id } of [...leases].sort((a, b) => a.fence - b.fence)) {
      const key = `${machine}:${id}`;
      const seen = largest.get(key);
      if (seen !== undefined) {
        expect(fence).toBe(seen);
        continue;
      }
      expect(fence).toBeGreaterThan(this.largestFence.get(machine) ?? 0);
      largest.set(key, fence);
      largest.set(machine, Math.max(fence, largest.get(machine) ?? 0));
    }
    this.largestFence.clear();
    for (const [key, fence] of largest) this.largestFence.set(key, fence);
  }

  /** What a client was told holds until its time, its own release, or its machine's end. */
  #checkPromises(leases: Map<string, { machine: string; fence: number }>, waiting: Set<string>): void {
    for (const one of this.told) {
      if (one.released || one.buried) {
        expect(leases.has(one.id) || waiting.has(one.id)).toBe(false);
        continue;
      }
      if (one.lease === null) continue;
      const { machine, fence, expiresAt } = one.lease;
      if (this.now >= expiresAt || this.lostFences.has(`${machine}#${fence}`)) {
        one.lease = null;
        continue;
      }
      expect(leases.get(one.id)).toMatchObject({ machine, fence });
    }
  }

  #checkNobodyWaitsForNothing(view: ReturnType<LeaseService['view']>): void {
    for (const machine of this.machines.values()) {
      if (machine.state !== 'ready' || machine.mode !== 'active') continue;
      // A lease whose time is over does not keep anybody waiting.
      const live = view.leases.filter(
        ({ machine: on, expires_at }) => on === machine.name && Date.parse(expires_at) > this.now,
      );
      const taken = new Set(live.map(({ slot }) => slot));
      const free = Array.from({ length: machine.slots }, (_, slot) => slot).some((slot) => !taken.has(slot));
      const hoping = view.waiting.filter(
        ({ requirements }) =>
          (requirements.machine ?? machine.name) === machine.name &&
          machine.toolchains.some(({ version }) => version === (requirements.ghc ?? version)),
      );
      if (free) expect(hoping).toEqual([]);
    }
  }
}

function requestFor(id: string, wanted: { user: string; machine?: string | null; ghc?: string | null }) {
  return {
    id,
    user: wanted.user,
    label: 'app:remote-build',
    lease_seconds: 20,
    holder: { host: 'here', pid: Number(id.slice(-12)) + 1, started: '1' },
    requirements: { machine: wanted.machine ?? undefined, ghc: wanted.ghc ?? undefined },
  };
}
