import { BuildMachinesError } from '@build-machines/protocol';

/** A lock holds the traits of two machines: a merge took some lines of one version and some of another. */
export class MachineLockMixedError extends BuildMachinesError {
  readonly code = 'machine-lock-mixed';
  constructor(file: string, machine: string) {
    super(`${file} does not describe one machine: its digest is not that of its traits, as after a merge.`, {
      hint: `Write it anew: nx run ${machine}:up`,
    });
  }
}
