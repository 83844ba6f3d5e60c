import fc from 'fast-check';
import type { MachineEntry, MachineMode } from '../api/catalog.js';

export const MACHINES = ['a', 'b', 'c'] as const;
const USERS = ['ada', 'bob', 'eve'] as const;

/** What clients, machines, time and disks do. */
export type Command =
  | { do: 'acquire'; user: (typeof USERS)[number]; machine: (typeof MACHINES)[number] | null; ghc: string | null }
  | { do: 'renew' | 'release' | 'poll' | 'again' | 'die'; which: number }
  | { do: 'wait' | 'nap'; seconds: number }
  | { do: 'machine'; name: (typeof MACHINES)[number]; change: MachineChange }
  | { do: 'reopen' }
  | { do: 'fail'; when: 'before' | 'after'; times: number };
export type MachineChange =
  { state: MachineEntry['state'] } | { mode: MachineMode } | { slots: number } | 'replace' | 'remove';

/** Any of them, the usual ones more often. */
export const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('acquire' as const),
      user: fc.constantFrom(...USERS),
      machine: fc.option(fc.constantFrom(...MACHINES), { freq: 3 }),
      ghc: fc.option(fc.constantFrom('9.0.2', '9.6.6')),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom('renew' as const, 'release' as const, 'poll' as const, 'again' as const),
      which: fc.nat(50),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('die' as const), which: fc.nat(50) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('wait' as const, 'wait' as const, 'nap' as const),
      seconds: fc.integer({ min: 1, max: 50 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('machine' as const),
      name: fc.constantFrom(...MACHINES),
      change: fc.oneof(
        fc.record({ state: fc.constantFrom('ready' as const, 'ready' as const, 'stale' as const, 'gone' as const) }),
        fc.record({ mode: fc.constantFrom('active' as const, 'active' as const, 'draining' as const) }),
        fc.record({ slots: fc.integer({ min: 1, max: 3 }) }),
        fc.constantFrom('replace' as const, 'remove' as const),
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reopen' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('fail' as const),
      when: fc.constantFrom('before' as const, 'after' as const),
      times: fc.integer({ min: 1, max: 3 }),
    }),
  },
);
