import { readBanner, readConsole } from '@build-machines/machines';
import { setTimeout as sleep } from 'node:timers/promises';
import type { VirtualMachine, VmAddress } from './virtual-machine.js';
import { AddressUnknownError } from './vm-task-errors.js';

/** How long a VM may take to boot, in milliseconds; without KVM the first boot takes minutes. */
const BOOT_WITHIN = 600_000;

/** How often a console is looked at, in milliseconds. */
const LOOK_EVERY = 1_000;

/** Where a VM's sshd answers without a tunnel, and the host key that its console said. */
export interface VmContact {
  readonly address: VmAddress;
  readonly consoleHostKey: string | undefined;
}

/**
 * Waits until a VM has booted and its sshd answers.
 * @throws AddressUnknownError; what `readBanner` throws when the time is over.
 */
export async function awaitContact(name: string, vm: VirtualMachine, signal: AbortSignal): Promise<VmContact> {
  const address = await awaitAddress(vm, signal);
  if (address === undefined) throw new AddressUnknownError(name);
  await readBanner({ ...address, timeoutMs: BOOT_WITHIN, signal });
  return { address, consoleHostKey: readConsole(await vm.console()).hostKey };
}

async function awaitAddress(vm: VirtualMachine, signal: AbortSignal): Promise<VmAddress | undefined> {
  for (const deadline = performance.now() + BOOT_WITHIN; performance.now() < deadline;) {
    const address = await vm.address();
    if (address !== undefined) return address;
    await sleep(LOOK_EVERY, undefined, { signal });
  }
  return undefined;
}
