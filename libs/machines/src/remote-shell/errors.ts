import { BuildMachinesError } from '@build-machines/protocol';

/** No SSH session could be had with a host. */
export class RemoteLoginError extends BuildMachinesError {
  readonly code = 'remote-login';

  /** Whether the host answered and refused every key. */
  get isRefusal(): boolean {
    return this.details?.['refused'] === true;
  }
}

/** A command on a host failed. */
export class RemoteCommandError extends BuildMachinesError {
  readonly code = 'remote-command';
}
