import type { LoadedMachine, StateFolder } from '@build-machines/machines';
import { awaitContact } from './await-contact.js';
import type { MachineImage } from './machine-image.js';
import { type ExistingVm, type VirtualMachine, virtualMachineOf, type Watched } from './virtual-machine.js';
import { beginIdentity, swapIdentity } from './vm-identity.js';
import { ReplacementFailedError } from './vm-task-errors.js';

/**
 * Makes a machine's VM from an image and waits until its sshd answers. A VM that takes the place of another and does not
 * come up is taken out again: the one before is back as it was.
 */
export async function importImage(
  machine: LoadedMachine,
  state: StateFolder,
  image: MachineImage,
  { existing, autostart, start, ...watched }: { existing: ExistingVm; autostart: boolean; start: boolean } & Watched,
): Promise<void> {
  const { name } = machine.definition;
  const vm = virtualMachineOf(machine, state);
  const outcome = await vm.import(image, { existing, autostart, start, ...watched });
  // A VM beside the machine's own is not the machine.
  if (outcome === 'alongside') return;
  if (outcome !== 'unchanged') await beginIdentity(state, name, image);
  if (!start) return;
  try {
    watched.onProgress(`waiting for the SSH server of ${name}`);
    await awaitContact(name, vm, watched.signal);
  } catch (error) {
    if (outcome !== 'replaced' || watched.signal.aborted) throw error;
    await rollBack(vm, name, state, watched);
    throw new ReplacementFailedError(name, error);
  }
}

/** Goes back to the VM of the image before. */
export async function rollBack(vm: VirtualMachine, name: string, state: StateFolder, watched: Watched): Promise<void> {
  watched.onProgress(`going back to the ${name} of the image before`);
  await vm.rollback(watched);
  await swapIdentity(state, name);
}
