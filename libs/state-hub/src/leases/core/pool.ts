import type { InstalledTool } from '@build-machines/protocol';
import type { Requirements } from '../../api/leases.js';

/** What leasing knows of a machine. */
export interface PoolMachine {
  readonly name: string;
  /** Identity of the machine behind the name: a lease does not pass to another one that takes the name over. */
  readonly machineId: string;
  readonly slots: number;
  /** Null: new leases are given. Otherwise why not, for people. */
  readonly withheld: string | null;
  readonly os: string;
  readonly arch: string;
  readonly toolchains: readonly InstalledTool[];
  readonly labels: Readonly<Record<string, string>>;
  /** Load average, for choosing among equals. */
  readonly load: number;
}

/** Why a machine does not fit, for people; null when it does. */
export function misfit(machine: PoolMachine, wanted: Requirements): string | null {
  if (wanted.machine !== undefined && wanted.machine !== machine.name) return `is not ${wanted.machine}`;
  if (wanted.machines?.includes(machine.name) === false) return `is not one of ${wanted.machines.join(', ')}`;
  if (wanted.avoid.includes(machine.name)) return 'is to be avoided';
  if (wanted.os !== undefined && wanted.os !== machine.os) return `runs ${machine.os}`;
  if (wanted.arch !== undefined && wanted.arch !== machine.arch) return `is ${machine.arch}`;
  for (const tool of ['ghc', 'cabal'] as const) {
    const version = wanted[tool];
    if (version === undefined) continue;
    const has = machine.toolchains.filter((found) => found.tool === tool).map((found) => found.version);
    if (!has.includes(version)) return has.length === 0 ? `has no ${tool}` : `has ${tool} ${has.join(', ')}`;
  }
  for (const [label, value] of Object.entries(wanted.labels)) {
    const has = Object.hasOwn(machine.labels, label) ? machine.labels[label] : undefined;
    if (has !== value) return has === undefined ? `has no label ${label}` : `has label ${label}=${has}`;
  }
  return null;
}

/** The machines, and which of them fit which requirements (computed once per pair, until the machine changes). */
export class Pool {
  readonly #machines = new Map<string, PoolMachine>();
  readonly #fitting = new Map<string, { requirements: Requirements; machines: Set<string> }>();

  get(name: string): PoolMachine | undefined {
    return this.#machines.get(name);
  }

  all(): IterableIterator<PoolMachine> {
    return this.#machines.values();
  }

  set(machine: PoolMachine): void {
    this.#machines.set(machine.name, machine);
    for (const { requirements, machines } of this.#fitting.values()) {
      if (misfit(machine, requirements) === null) machines.add(machine.name);
      else machines.delete(machine.name);
    }
  }

  delete(name: string): void {
    this.#machines.delete(name);
    for (const { machines } of this.#fitting.values()) machines.delete(name);
  }

  /** Names of the machines that fit, whether or not they give leases now. */
  fitting(key: string, requirements: Requirements): ReadonlySet<string> {
    let known = this.#fitting.get(key);
    if (known === undefined) {
      const machines = new Set<string>();
      for (const machine of this.#machines.values()) {
        if (misfit(machine, requirements) === null) machines.add(machine.name);
      }
      known = { requirements, machines };
      this.#fitting.set(key, known);
    }
    return known.machines;
  }

  /** Drops what is remembered of requirements that nobody waits with. */
  forgetFitting(keep: (key: string) => boolean): void {
    for (const key of this.#fitting.keys()) if (!keep(key)) this.#fitting.delete(key);
  }
}

/** One text per set of requirements: equal requirements, equal key. */
export function requirementsKey(wanted: Requirements): string {
  const labels = Object.entries(wanted.labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([
    wanted.machine ?? null,
    wanted.machines === undefined ? null : [...wanted.machines].sort(),
    wanted.ghc ?? null,
    wanted.cabal ?? null,
    wanted.os ?? null,
    wanted.arch ?? null,
    labels,
    [...wanted.avoid].sort(),
  ]);
}
