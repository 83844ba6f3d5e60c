import type { LoadedMachine, StateFolder } from '@build-machines/machines';
import { bringUpHost } from './bring-up-host.js';
import { bringUpSandbox } from './bring-up-sandbox.js';
import { bringUpVm } from './bring-up-vm.js';

/** How a machine is brought up. */
export interface BringUpOptions {
  readonly onProgress: (message: string) => void;
  readonly signal?: AbortSignal;
  /** provider ssh: what a host that is not a machine yet needs to become one. */
  readonly firstContact?: FirstContact;
  /** Starts a running machine anew, and ends what it works on. Default: what is busy is left alone. */
  readonly restart?: boolean;
}

/** How the first login to a host is made. */
export interface FirstContact {
  /** Fingerprint of the host key, `SHA256:…`, that the user vouches for. */
  readonly acceptHostKey?: string;
  /** A private key that the host lets in already. */
  readonly identityFile?: string;
  /** Asks a person; absent where nobody can be asked. */
  readonly ask?: (question: string) => Promise<boolean>;
}

/**
 * Brings a machine up, whatever its provider; does only what is not done.
 * @returns whether anything had to be done.
 */
export async function bringUp(machine: LoadedMachine, state: StateFolder, options: BringUpOptions): Promise<boolean> {
  switch (machine.definition.provider) {
    case 'sandbox':
      return bringUpSandbox(machine, state, options);
    case 'qemu':
    case 'virtualbox':
      return bringUpVm(machine, state, options);
    case 'ssh':
      return bringUpHost(machine, state, options);
  }
}
