import { BuildMachinesError } from '@build-machines/protocol';
import { errorForNx } from '../reporting/error-for-nx.js';

/** Runs a generator's body and gives user mistakes the form that Nx prints whole. */
export async function reportMistakes<T>(body: () => T | Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    if (!(error instanceof BuildMachinesError)) throw error;
    throw errorForNx(error);
  }
}
