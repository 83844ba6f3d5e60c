import type { LoadedMachine, MachineLock } from '@build-machines/machines';
import type { TransportFactory } from '@build-machines/remote';

/** A machine that tasks can use now. */
export interface OpenedMachine {
  readonly machine: LoadedMachine;
  /** Null: the machine was never up. */
  readonly lock: MachineLock | null;
  readonly connect: TransportFactory;
}
