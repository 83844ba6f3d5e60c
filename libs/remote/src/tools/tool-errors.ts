import { BuildMachinesError } from '@build-machines/protocol';

/** The connection ended before the installation did. */
export class InstallationUnwatchedError extends BuildMachinesError {
  readonly code = 'installation-unwatched';
  constructor(machine: string) {
    super(`The connection to machine "${machine}" ended during an installation, which goes on there.`, {
      hint: `Wait a little and see what is installed: nx run ${machine}:vm-info. The same command again is safe.`,
    });
  }
}
