import { forecast } from './forecast.js';
import { LAPSED_FOR_MS, LeaseBook, type LeaseChange } from './lease-book.js';
import type { PoolMachine } from './pool.js';

const machine = (name: string, changes: Partial<PoolMachine> = {}): PoolMachine => ({
  name,
  machineId: name,
  slots: 1,
  withheld: null,
  os: 'linux',
  arch: 'x64',
  toolchains: [{ tool: 'ghc', version: '9.6.6', path: '/usr/bin/ghc' }],
  labels: {},
  load: 0,
  ...changes,
});

const emptyBook = () =>
  new LeaseBook({ waiting: [], leases: [], fences: new Map(), lastServed: new Map(), lastSeq: 0 }, 0);

const ask = (id: string, user: string, changes: Partial<Parameters<LeaseBook['acquire']>[0]> = {}) => ({
  id,
  user,
  label: 'app:build',
  requirements: { labels: {}, avoid: [] },
  prefer: [],
  leaseMs: 3_600_000,
  holder: null,
  ...changes,
});

const process = (pid: number) => ({ host: 'here', pid, started: '1' });

const granted = (changes: readonly LeaseChange[]) =>
  changes.flatMap((change) => (change.kind === 'granted' ? [change.lease] : []));

describe('a lease book', () => {
  it('spreads leases over the machines', () => {
    const book = emptyBook();
    for (const name of ['a', 'b']) book.setMachine(machine(name, { slots: 2 }), 0);
    const machines = ['1', '2', '3', '4'].flatMap((id) => granted(book.acquire(ask(id, 'ada'), 0)));
    expect(machines.map(({ machine: name, slot }) => [name, slot])).toEqual([
      ['a', 0],
      ['b', 0],
      ['a', 1],
      ['b', 1],
    ]);
  });

  it('takes the machine that the request prefers, if it is free', () => {
    const book = emptyBook();
    for (const name of ['a', 'b']) book.setMachine(machine(name), 0);
    expect(granted(book.acquire(ask('1', 'ada', { prefer: ['b'] }), 0))).toMatchObject([{ machine: 'b' }]);
    expect(granted(book.acquire(ask('2', 'ada', { prefer: ['b'] }), 0))).toMatchObject([{ machine: 'a' }]);
  });

  it.each([
    ['ghc', { ghc: '9.0.2' }],
    ['a machine by name', { machine: 'b' }],
    ['a label', { labels: { gpu: 'yes' } }],
    ['an operating system', { os: 'freebsd' }],
    ['any but one', { avoid: ['a'] }],
  ])('does not give a machine that does not fit: %s', (_case, wanted) => {
    const book = emptyBook();
    book.setMachine(machine('a'), 0);
    expect(granted(book.acquire(ask('1', 'ada', { requirements: { labels: {}, avoid: [], ...wanted } }), 0))).toEqual(
      [],
    );
    expect(granted(book.acquire(ask('2', 'bob'), 0))).toMatchObject([{ machine: 'a' }]);
  });

  it('serves a user with one request before the second of a user with a hundred', () => {
    const book = emptyBook();
    book.setMachine(machine('a'), 0);
    for (let index = 0; index < 100; index += 1) book.acquire(ask(`ada-${index}`, 'ada'), 0);
    book.acquire(ask('bob-0', 'bob'), 0);
    expect(granted(book.end('ada-0', 'released', 1))).toMatchObject([{ id: 'bob-0' }]);
    expect(granted(book.end('bob-0', 'released', 2))).toMatchObject([{ id: 'ada-1' }]);
  });

  it('does not starve whoever has leases and waits for one more', () => {
    const book = emptyBook();
    book.setMachine(machine('a'), 0);
    book.setMachine(machine('b'), 0);
    book.acquire(ask('ada-long', 'ada'), 0);
    book.acquire(ask('bob-0', 'bob'), 0);
    book.acquire(ask('ada-waits', 'ada'), 0);
    let now = 0;
    for (let index = 1; ; index += 1) {
      now += 50_000;
      book.touch('ada-waits', now);
      book.acquire(ask(`user-${index}`, `user-${index}`), now);
      const [next] = granted(book.end(index === 1 ? 'bob-0' : `user-${index - 1}`, 'released', now));
      if (next?.id === 'ada-waits') break;
      expect(now).toBeLessThan(11 * 60_000);
    }
    expect(now).toBeGreaterThan(10 * 60_000);
  });

  it('ends a lease at its time, gives the slot on, and raises the fence', () => {
    const book = emptyBook();
    book.setMachine(machine('a'), 0);
    book.acquire(ask('1', 'ada', { leaseMs: 1000 }), 0);
    book.acquire(ask('2', 'bob'), 0);
    expect(book.sweep(999)).toEqual([]);
    expect(book.sweep(1000)).toMatchObject([
      { kind: 'ended', id: '1', reason: 'expired' },
      { kind: 'granted', lease: { id: '2', slot: 0, fence: 2 } },
    ]);
    expect(book.renew('1', 1001)).toEqual([]);
  });

  describe('when the time of a lease is over and nobody wants its slot', () => {
    let book: LeaseBook;
    beforeEach(() => {
      book = emptyBook();
      book.setMachine(machine('a'), 0);
      book.acquire(ask('1', 'ada', { leaseMs: 1000 }), 0);
    });

    it('lets its holder renew it: whoever slept loses nothing', () => {
      expect(book.sweep(40_000)).toEqual([]);
      expect(book.renew('1', 40_001)).toEqual([{ kind: 'renewed', id: '1', expiresAt: 41_001 }]);
    });

    it('gives the slot to the first who wants it', () => {
      expect(book.acquire(ask('2', 'bob'), 40_000)).toMatchObject([
        { kind: 'enqueued' },
        { kind: 'ended', id: '1', reason: 'expired' },
        { kind: 'granted', lease: { id: '2', slot: 0, fence: 2 } },
      ]);
      expect(book.renew('1', 40_001)).toEqual([]);
    });

    it('keeps it while the machine gives nothing, and gives the slot on when it does again', () => {
      book.setMachine(machine('a', { withheld: 'is being drained' }), 500);
      book.acquire(ask('2', 'bob'), 600);
      expect(book.sweep(1500)).toEqual([]);
      expect(book.setMachine(machine('a'), 1600)).toMatchObject([
        { kind: 'ended', id: '1' },
        { kind: 'granted', lease: { id: '2' } },
      ]);
    });

    it('ends it after some minutes', () => {
      expect(book.sweep(1000 + LAPSED_FOR_MS - 1)).toEqual([]);
      expect(book.sweep(1000 + LAPSED_FOR_MS)).toMatchObject([{ kind: 'ended', id: '1', reason: 'expired' }]);
    });
  });

  it('does not count a time in which nobody could renew', () => {
    const book = emptyBook();
    book.setMachine(machine('a'), 0);
    book.acquire(ask('1', 'ada', { leaseMs: 1000 }), 0);
    book.acquire(ask('2', 'bob'), 0);
    expect(book.shift(40_000)).toEqual([{ kind: 'renewed', id: '1', expiresAt: 41_000 }]);
    expect(book.sweep(40_999)).toEqual([]);
    expect(granted(book.sweep(41_000))).toMatchObject([{ id: '2' }]);
  });

  it('ends what belongs to a process that has died, and gives the slot on at once', () => {
    const book = emptyBook();
    book.setMachine(machine('a'), 0);
    book.acquire(ask('1', 'ada', { holder: process(1) }), 0);
    book.acquire(ask('2', 'ada', { holder: process(1) }), 0);
    book.acquire(ask('3', 'bob', { holder: process(3) }), 0);
    expect(book.bury(() => false, 1)).toEqual([]);
    expect(book.bury(({ pid }) => pid === 1, 2)).toMatchObject([
      { kind: 'ended', id: '2', reason: 'holder-died', lease: null },
      { kind: 'ended', id: '1', reason: 'holder-died', lease: { slot: 0 } },
      { kind: 'granted', lease: { id: '3', fence: 2 } },
    ]);
  });

  it('knows nothing of the death of a holder that gave no process', () => {
    const book = emptyBook();
    book.setMachine(machine('a'), 0);
    book.acquire(ask('1', 'ada'), 0);
    expect(book.bury(() => true, 1)).toEqual([]);
  });

  it('drops a waiting client that no longer asks', () => {
    const book = emptyBook();
    book.setMachine(machine('a'), 0);
    book.acquire(ask('1', 'ada'), 0);
    book.acquire(ask('2', 'bob'), 0);
    book.touch('2', 30_000);
    expect(book.sweep(90_000)).toEqual([]);
    expect(book.sweep(90_002)).toMatchObject([{ kind: 'ended', id: '2', reason: 'abandoned' }]);
  });

  it('gives nothing new on a machine that is withheld, and ends nothing there', () => {
    const book = emptyBook();
    book.setMachine(machine('a', { slots: 2 }), 0);
    book.acquire(ask('1', 'ada'), 0);
    book.setMachine(machine('a', { slots: 2, withheld: 'is being drained' }), 1);
    expect(granted(book.acquire(ask('2', 'bob'), 2))).toEqual([]);
    expect(book.renew('1', 3)).toMatchObject([{ kind: 'renewed' }]);
    expect(granted(book.setMachine(machine('a', { slots: 2 }), 4))).toMatchObject([{ id: '2', slot: 1 }]);
  });

  it.each([
    ['goes away', 'machine-gone', (book: LeaseBook) => book.removeMachine('a', 1)],
    ['is rebuilt', 'machine-replaced', (book: LeaseBook) => book.setMachine(machine('a', { machineId: 'new' }), 1)],
  ])('ends the leases on a machine that %s', (_case, reason, change) => {
    const book = emptyBook();
    book.setMachine(machine('a'), 0);
    book.acquire(ask('1', 'ada'), 0);
    expect(change(book)).toMatchObject([{ kind: 'ended', id: '1', reason }]);
  });
});

describe('the forecast', () => {
  const minute = { typicalMs: () => 60_000 };

  it('tells position and time by the order in which requests will be served', () => {
    const book = emptyBook();
    book.setMachine(machine('a'), 0);
    for (const id of ['ada-0', 'ada-1', 'ada-2']) book.acquire(ask(id, 'ada'), 0);
    book.acquire(ask('bob-0', 'bob'), 0);
    expect(Object.fromEntries(forecast(book, minute, 20_000))).toEqual({
      'bob-0': { position: 1, waitMs: 40_000 },
      'ada-1': { position: 2, waitMs: 100_000 },
      'ada-2': { position: 3, waitMs: 160_000 },
    });
  });

  it('counts only those who compete for the same machines', () => {
    const book = emptyBook();
    book.setMachine(machine('a'), 0);
    book.setMachine(machine('b', { labels: { gpu: 'yes' } }), 0);
    const gpu = { requirements: { labels: { gpu: 'yes' }, avoid: [] } };
    const onlyA = { requirements: { machine: 'a', labels: {}, avoid: [] } };
    book.acquire(ask('1', 'ada', onlyA), 0);
    book.acquire(ask('2', 'bob', gpu), 0);
    for (const id of ['3', '4']) book.acquire(ask(id, 'ada', onlyA), 0);
    book.acquire(ask('5', 'eve', gpu), 0);
    const outlooks = forecast(book, minute, 0);
    expect(outlooks.get('5')).toMatchObject({ position: 1 });
    expect(outlooks.get('4')).toMatchObject({ position: 2, waitMs: 120_000 });
  });

  it('promises no time without experience, and none on machines that give nothing', () => {
    const book = emptyBook();
    book.setMachine(machine('a'), 0);
    book.acquire(ask('1', 'ada'), 0);
    book.acquire(ask('2', 'ada'), 0);
    expect(forecast(book, { typicalMs: () => null }, 0).get('2')).toEqual({ position: 1, waitMs: null });
    book.setMachine(machine('a', { withheld: 'is in maintenance' }), 0);
    expect(forecast(book, minute, 0).get('2')).toEqual({ position: 1, waitMs: null });
  });
});
