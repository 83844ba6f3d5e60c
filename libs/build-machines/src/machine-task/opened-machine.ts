import type { LoadedMachine } from '@build-machines/machines';
import type { TransportFactory } from '@build-machines/remote';
import type { LockedTools } from '../haskell-task/toolchain-request.js';

/** A machine that tasks can use now. */
export interface OpenedMachine {
  readonly machine: LoadedMachine;
  readonly lock: LockedTools | null;
  readonly connect: TransportFactory;
}
