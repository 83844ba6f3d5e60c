import {
  authorizedTunnels,
  bannerOnce,
  descendantsOf,
  endProcesses,
  identifyProcess,
  portHolder,
  recordedChildren,
  type StateFolder,
} from '@build-machines/machines';

/** How long a tunnel may take to bring the machine's SSH banner, in milliseconds. */
const PATIENCE = 5_000;

/** A tunnel that was silent this many times in a row is dead. */
const STRIKES = 2;

/**
 * Finds tunnels whose port is still held at the relay although the machine behind it is gone. The next tunnel of that
 * machine could not listen, until the relay notices by itself after 45 s.
 */
export class StaleTunnels {
  readonly #strikes = new Map<string, number>();

  constructor(
    readonly state: StateFolder,
    readonly options: {
      /** Whether a machine is known to be well, so that it need not be probed. */
      readonly isWell: (machine: string) => Promise<boolean>;
      readonly note: (text: string) => void;
    },
  ) {}

  /** Looks at all tunnels once, and ends the holders of dead ones that belong to our relay. */
  async sweep(): Promise<void> {
    for (const { machine, port } of await authorizedTunnels(this.state)) {
      const holder = portHolder(port);
      if (holder === undefined || (await this.options.isWell(machine)) || (await answers(port))) {
        this.#strikes.delete(machine);
        continue;
      }
      const strikes = (this.#strikes.get(machine) ?? 0) + 1;
      this.#strikes.set(machine, strikes);
      if (strikes < STRIKES) continue;
      this.#strikes.delete(machine);
      await this.#end(machine, port, holder.pid);
    }
  }

  async #end(machine: string, port: number, pid: number | undefined): Promise<void> {
    const relays = (await recordedChildren(this.state.relay)).filter(({ running }) => running);
    const ours = new Set(relays.flatMap(({ identity }) => descendantsOf(identity.pid).map((child) => child.pid)));
    const identity = pid !== undefined && ours.has(pid) ? identifyProcess(pid) : undefined;
    const where = `port ${String(port)} of machine "${machine}"`;
    if (identity === undefined) {
      this.options.note(
        `${where} is silent and held by ${pid === undefined ? 'a process' : `process ${String(pid)}`} that is not ours`,
      );
      return;
    }
    await endProcesses([identity], { graceMs: 1_000 });
    this.options.note(`${where} was held by a dead tunnel; ended process ${String(identity.pid)} of the relay`);
  }
}

async function answers(port: number): Promise<boolean> {
  try {
    await bannerOnce('127.0.0.1', port, PATIENCE);
    return true;
  } catch {
    return false; // Whatever the reason: two such answers in a row make a dead tunnel.
  }
}
