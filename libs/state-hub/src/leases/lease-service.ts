import type { MachineEntry } from '../api/catalog.js';
import type {
  LeaseEndReason,
  LeaseHolder,
  LeaseRequest,
  LeaseTicket,
  QueueView,
  WaitingRequest,
} from '../api/leases.js';
import { LeaseRequest as LeaseRequestSchema } from '../api/leases.js';
import { LeaseBook, type LeaseChange } from './core/lease-book.js';
import type { GrantedLease } from './core/slots.js';
import type { Waiting } from './core/waiting-queue.js';
import { FaultRecord } from './fault-record.js';
import { LeaseEndedError, LeaseUnknownError } from './lease-errors.js';
import { RunningExperience } from './lease-experience.js';
import type { LeaseStore } from './lease-store.js';
import { leaseView, waitingView } from './lease-views.js';
import { Outlooks } from './outlooks.js';
import { poolMachine } from './pool-machine.js';
import { refuseHopeless } from './refuse-hopeless.js';
import { TopicWatch } from '../events/topic-watch.js';

export interface LeaseServiceOptions {
  store: LeaseStore;
  /** Where the machines are; an entry that is `gone` counts as absent. */
  catalog: { list(): readonly MachineEntry[]; get(name: string): MachineEntry | undefined };
  now: () => number;
  /** Called for each ticket that changed. */
  onChange: (ticketId: string) => void;
  /** Whether a process is known to be no more; of one that cannot be seen from here, false. */
  isDead: (holder: LeaseHolder) => boolean;
}

/** The lease book with its disk, its clock, and those who wait for it. */
export class LeaseService {
  readonly #options: LeaseServiceOptions;
  readonly #faults = new FaultRecord();
  readonly #experience = new RunningExperience();
  readonly #watch = new TopicWatch();
  #book: LeaseBook;
  /** The book was read from the disk, and what the machines' present states change in it is not on the disk yet. */
  #isUnsettled = false;
  readonly #outlooks = new Outlooks();

  /** Leases found on disk get their full time again: while the hub was away nobody could renew. */
  constructor(options: LeaseServiceOptions) {
    this.#options = options;
    for (const { label, durationMs } of options.store.recentDurations(1_000))
      this.#experience.record(label, durationMs);
    const now = options.now();
    this.#book = this.#readBook(({ leaseMs }) => now + leaseMs);
    options.store.apply([...this.#book.slots.all()].map(({ id, expiresAt }) => ({ kind: 'renewed', id, expiresAt })));
    this.#settle();
  }

  /**
   * Gives a slot or queues the request; the same id again answers with the ticket as it is.
   * @throws NoMachineFitsError when no machine of the catalog fits, whatever its state.
   */
  acquire(request: LeaseRequest, user: string): LeaseTicket {
    const { id, label, requirements, prefer, holder = null, lease_seconds } = LeaseRequestSchema.parse(request);
    const known = this.#find(id);
    if (known !== undefined) return known;
    if (this.#book.fitting({ requirements }).size === 0) refuseHopeless(requirements, this.#options.catalog.list());
    this.#change((now) =>
      this.#book.acquire({ id, user, label, requirements, prefer, holder, leaseMs: lease_seconds * 1000 }, now),
    );
    if (this.#book.queue.get(id) !== undefined) this.#bury();
    return this.ticket(id);
  }

  /** The ticket as it is. @throws LeaseUnknownError */
  ticket(id: string): LeaseTicket {
    const ticket = this.#find(id);
    if (ticket === undefined) throw new LeaseUnknownError(id);
    return ticket;
  }

  /** The ticket, at once if it is not waiting, otherwise when it changes or after `waitMs`. Counts as a sign of life. */
  async poll(id: string, waitMs: number, signal: AbortSignal): Promise<LeaseTicket> {
    this.#change((now) => this.#book.touch(id, now));
    const ticket = this.ticket(id);
    if (ticket.status !== 'waiting' || waitMs === 0) return ticket;
    await this.#watch.wait(id, waitMs, signal);
    return this.ticket(id);
  }

  /** @throws LeaseEndedError when it has ended; LeaseUnknownError. */
  renew(id: string): LeaseTicket {
    this.#change((now) => this.#book.renew(id, now));
    const ticket = this.ticket(id);
    if (ticket.status === 'ended') throw new LeaseEndedError(id, ticket.reason, ticket.machine);
    return ticket;
  }

  /** Ends a lease or leaves the queue. Ending what has ended changes nothing. */
  end(id: string, reason: LeaseEndReason, fault: boolean): LeaseTicket {
    const machine = this.#book.slots.get(id)?.machine;
    const waits = this.#book.queue.get(id) !== undefined;
    this.#change((now) => this.#book.end(id, waits && reason === 'released' ? 'cancelled' : reason, now));
    if (machine !== undefined && this.#faults.record(machine, fault, this.#options.now())) this.machineChanged(machine);
    return this.ticket(id);
  }

  /** Whom the ticket belongs to. @throws LeaseUnknownError */
  ownerOf(id: string): string {
    const user = (this.#book.slots.get(id) ?? this.#book.queue.get(id) ?? this.#options.store.findEnded(id))?.user;
    if (user === undefined) throw new LeaseUnknownError(id);
    return user;
  }

  /** Whether a lease with this fence holds the slot now. */
  isValid(machine: string, slot: number, fence: number): boolean {
    return this.#book.slots.on(machine).get(slot)?.fence === fence;
  }

  /** Whether the ticket holds a slot now. */
  isLive(id: string): boolean {
    return this.#book.slots.get(id) !== undefined;
  }

  leasesOn(machine: string): GrantedLease[] {
    return [...this.#book.slots.on(machine).values()];
  }

  /** How much there is, for the metrics. */
  size(): { leases: number; waiting: number; oldestWaitSeconds: number } {
    const oldest = this.#book.queue.oldest();
    return {
      leases: [...this.#book.slots.all()].length,
      waiting: this.#book.queue.size,
      oldestWaitSeconds: oldest === undefined ? 0 : (this.#options.now() - oldest.enqueuedAt) / 1000,
    };
  }

  /** Who holds what and who waits, in the expected order of service. */
  view(): QueueView {
    const waiting = this.#book.queue.all().map((request) => this.#waiting(request));
    return {
      leases: [...this.#book.slots.all()].map(leaseView),
      waiting: waiting.sort((a, b) => a.position - b.position),
    };
  }

  /** Takes over what the catalog says of a machine by now. */
  machineChanged(name: string): void {
    const entry = this.#options.catalog.get(name);
    this.#change((now) => this.#setMachine(this.#book, entry, name, now));
  }

  /** Ends what time and the death of holders have ended. Called every few seconds. */
  sweep(): void {
    this.#bury();
    for (const machine of this.#faults.released(this.#options.now())) this.machineChanged(machine);
  }

  /** Takes account of a time in which nobody could be heard; negative when the clock was set back. */
  pausedFor(ms: number): void {
    this.#change(() => this.#book.shift(ms));
  }

  /** Lets all who wait go, so that the hub can stop. */
  close(): void {
    this.#watch.close();
  }

  #bury(): void {
    this.#change((now) => this.#book.bury(this.#options.isDead, now));
  }

  #setMachine(book: LeaseBook, entry: MachineEntry | undefined, name: string, now: number): LeaseChange[] {
    if (entry === undefined || entry.state === 'gone') return book.removeMachine(name, now);
    return book.setMachine(poolMachine(entry, this.#faults.quarantinedUntil(name, now)), now);
  }

  #find(id: string): LeaseTicket | undefined {
    const lease = this.#book.slots.get(id);
    if (lease !== undefined) return { status: 'granted', lease: leaseView(lease) };
    const request = this.#book.queue.get(id);
    if (request !== undefined) {
      return { status: 'waiting', request: this.#waiting(request) };
    }
    const ended = this.#options.store.findEnded(id);
    if (ended === undefined) return undefined;
    const { machine, reason, endedAt } = ended;
    return { status: 'ended', id, machine, reason, ended_at: new Date(endedAt).toISOString() };
  }

  #waiting(request: Waiting): WaitingRequest {
    const now = this.#options.now();
    const outlook = this.#outlooks.of(request.id, this.#book, this.#experience, now);
    return waitingView(request, { book: this.#book, catalog: this.#options.catalog, outlook, now });
  }

  /** Changes the book and its disk together. */
  #change(command: (now: number) => LeaseChange[]): void {
    if (this.#isUnsettled) this.#settle();
    for (const change of this.#apply(command)) this.#tell(change);
  }

  /** If the disk refuses, the book is read from it anew, so that it never has what is not on the disk. */
  #apply(command: (now: number) => LeaseChange[]): LeaseChange[] {
    try {
      const changes = command(this.#options.now());
      this.#options.store.apply(changes);
      return changes;
    } catch (error) {
      this.#book = this.#readBook();
      this.#isUnsettled = true;
      throw error;
    }
  }

  #tell(change: LeaseChange): void {
    if (change.kind === 'renewed') return;
    this.#outlooks.outdate();
    if (change.kind === 'ended' && change.reason === 'released' && change.lease !== null) {
      this.#experience.record(change.lease.label, change.at - change.lease.grantedAt);
    }
    const id = change.kind === 'enqueued' ? change.request.id : change.kind === 'granted' ? change.lease.id : change.id;
    this.#watch.notify(id);
    this.#options.onChange(id);
  }

  /** The book as it is on the disk, with the machines as they are now. Writes nothing. */
  #readBook(expiry = ({ expiresAt }: GrantedLease): number => expiresAt): LeaseBook {
    const now = this.#options.now();
    const snapshot = this.#options.store.load();
    const leases = snapshot.leases.map((lease) => ({ ...lease, expiresAt: expiry(lease) }));
    const book = new LeaseBook({ ...snapshot, leases }, now);
    for (const entry of this.#options.catalog.list()) {
      if (entry.state !== 'gone') book.pool.set(poolMachine(entry, this.#faults.quarantinedUntil(entry.name, now)));
    }
    return book;
  }

  /** Ends and gives what the machines' present states call for. */
  #settle(): void {
    const present = new Map(this.#options.catalog.list().map((entry) => [entry.name, entry]));
    const names = new Set([...present.keys(), ...[...this.#book.slots.all()].map(({ machine }) => machine)]);
    const changes = this.#apply((now) =>
      [...names].flatMap((name) => this.#setMachine(this.#book, present.get(name), name, now)),
    );
    this.#isUnsettled = false;
    for (const change of changes) this.#tell(change);
  }
}
