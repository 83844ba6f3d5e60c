import { BuildMachinesError, type RunResult } from '@build-machines/protocol';
import { isPassingFailure, type RunClient, runClients } from '@build-machines/remote';

/** A wait for a place, which ends early when there is a run to join. */
export interface PlaceWait {
  /** Aborted with the caller's, and when there is a run to join. */
  readonly signal: AbortSignal;
  /** Looks for a run to join. Called as long as the wait lasts. */
  look(): void;
  /** The place is there: nothing is looked for any more. @throws the signal's reason, when a run was found just before. */
  over(): void;
}

/**
 * The same run of another command of this workspace: in a second terminal, or of one that was killed. It is found by what
 * commands put on record before they ask a machine, and joined without a lease, which would have to wait for that run.
 */
export class RunToJoin {
  readonly #tried = new Set<string>();

  constructor(
    private readonly wanted: {
      readonly workspaceRoot: string;
      /** The tasks: who runs others is not asked. */
      readonly label: string;
      readonly machines: readonly string[];
      readonly signal: AbortSignal;
    },
  ) {}

  /**
   * Joins a run where there is one; otherwise places the work, until there is one to join.
   * @param onLost called when a run that was joined has ended without a result of its own, before the work is placed.
   */
  async joinedOr<T extends { readonly result: Pick<RunResult, 'outcome'> }>(
    join: (machine: string) => Promise<T>,
    place: (waiting: PlaceWait) => Promise<T>,
    onLost: () => void,
  ): Promise<T> {
    const { signal } = this.wanted;
    for (;;) {
      const joined = await this.#join(join);
      const isOurs = signal.aborted || (joined?.result.outcome !== 'cancelled' && joined?.result.outcome !== 'lost');
      if (joined !== undefined && isOurs) return joined;
      if (joined !== undefined) onLost();
      const found = new AbortController();
      let isOver = false;
      try {
        return await place({
          signal: AbortSignal.any([signal, found.signal]),
          look: () => {
            void this.#candidates((client) => client.accepted).then(([first]) => {
              if (first !== undefined && !isOver) found.abort(new Error('the same run is under way'));
            });
          },
          over: () => {
            found.signal.throwIfAborted();
            isOver = true;
          },
        });
      } catch (error) {
        if (!found.signal.aborted || signal.aborted) throw error;
      }
    }
  }

  /** Joins the first run that is the same; undefined when none is. */
  async #join<T>(join: (machine: string) => Promise<T>): Promise<T | undefined> {
    for (const { id, machine } of await this.#candidates((client) => client.isDead || client.accepted)) {
      this.#tried.add(id);
      try {
        return await join(machine);
      } catch (error) {
        this.wanted.signal.throwIfAborted();
        // Of other sources, or over and gone; and what hinders a connection is better told where the work is placed.
        const isNone = error instanceof BuildMachinesError && error.code === 'run-unknown';
        if (!isNone && !isPassingFailure(error)) throw error;
      }
    }
    return undefined;
  }

  async #candidates(isWanted: (client: RunClient) => boolean): Promise<RunClient[]> {
    const { workspaceRoot, label, machines } = this.wanted;
    return (await runClients(workspaceRoot)).filter(
      (client) =>
        client.label === label && machines.includes(client.machine) && !this.#tried.has(client.id) && isWanted(client),
    );
  }
}
