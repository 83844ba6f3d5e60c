/** Faults in a row after which a machine is left alone. */
const FAULTS = 3;
/** For how long, in milliseconds. */
const QUARANTINE_MS = 5 * 60_000;

/**
 * Machines that fail by themselves: without a pause, one that fails at once would win every next lease and fail them
 * all. Kept in memory: after a restart of the hub each machine gets another chance.
 */
export class FaultRecord {
  readonly #machines = new Map<string, { faults: number; until: number }>();

  /** Records how a lease on the machine ended. True when that puts it into quarantine. */
  record(machine: string, fault: boolean, now: number): boolean {
    if (!fault) {
      this.#machines.delete(machine);
      return false;
    }
    const faults = (this.#machines.get(machine)?.faults ?? 0) + 1;
    const quarantined = faults >= FAULTS;
    this.#machines.set(machine, { faults, until: quarantined ? now + QUARANTINE_MS : 0 });
    return quarantined;
  }

  /** Until when the machine is left alone, in milliseconds since the epoch; null: it is not. */
  quarantinedUntil(machine: string, now: number): number | null {
    const until = this.#machines.get(machine)?.until ?? 0;
    return until > now ? until : null;
  }

  /** Machines whose quarantine is over, each returned once; one more fault puts it back. */
  *released(now: number): Generator<string> {
    for (const [machine, record] of this.#machines) {
      if (record.until === 0 || record.until > now) continue;
      record.until = 0;
      record.faults = FAULTS - 1;
      yield machine;
    }
  }
}
