import type { LoadedMachine, StateFolder } from '@build-machines/machines';
import { ProviderUnavailableError } from '../machine-task/machine-task-errors.js';
import type { MachineImage } from './machine-image.js';
import { qemuMachine } from './qemu-machine.js';
import { virtualBoxMachine } from './virtualbox-machine.js';

/** What reports and can be interrupted. */
export interface Watched {
  readonly onProgress: (text: string) => void;
  readonly signal: AbortSignal;
}

/** Where an sshd listens. */
export interface VmAddress {
  readonly host: string;
  readonly port: number;
}

/** What becomes of a VM that exists already and was made from another image. */
export type ExistingVm = 'keep' | 'replace' | 'alongside';

/** `alongside`: a VM of another name was made, and the machine's own is as it was. */
export type ImportOutcome = 'imported' | 'replaced' | 'unchanged' | 'alongside';

/** A virtual machine, whatever runs it. Every operation leaves alone what is done. */
export interface VirtualMachine {
  /** Whether the VM exists. */
  exists(): Promise<boolean>;
  /** Makes the VM from an image, sized and connected as machine.yml says. */
  import(
    image: MachineImage,
    options: { existing: ExistingVm; autostart: boolean; start: boolean } & Watched,
  ): Promise<ImportOutcome>;
  /** Goes back to the VM that the last replacement put aside, and starts it. */
  rollback(watched: Watched): Promise<void>;
  start(watched: Watched): Promise<void>;
  /** @param graceMs how long the system may take to shut down before power is cut, in milliseconds. */
  stop(graceMs: number, watched: Watched): Promise<void>;
  destroy(watched: Watched): Promise<void>;
  /** Digest of the image that the VM was made from; undefined when nothing notes it. */
  image(): Promise<string | undefined>;
  /** What its serial console has said so far. */
  console(): Promise<string>;
  /** Where its sshd is reached without a tunnel; undefined as long as it has not said which address it got. */
  address(): Promise<VmAddress | undefined>;
  /** Address of the relay as the VM sees it, unless machine.yml says another. */
  readonly relayHost: string | undefined;
}

/** The virtual machine of a machine. @throws ProviderUnavailableError for providers without one. */
export function virtualMachineOf(machine: LoadedMachine, state: StateFolder): VirtualMachine {
  const { provider, name } = machine.definition;
  switch (provider) {
    case 'qemu':
      return qemuMachine(machine, state);
    case 'virtualbox':
      return virtualBoxMachine(machine, state);
    case 'sandbox':
    case 'ssh':
      throw new ProviderUnavailableError(name, provider);
  }
}
