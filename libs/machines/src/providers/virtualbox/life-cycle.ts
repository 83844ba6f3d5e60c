import { setTimeout as sleep } from 'node:timers/promises';
import { VmStateError, VmUnknownError } from './errors.js';
import type { VBoxManage } from './vboxmanage.js';

/** States in which a VM does not run. `aborted`: its process died; it can be started like one that is off. */
const OFF = ['poweroff', 'aborted', 'saved', 'aborted-saved'];

/** How often a VM that shall stop is looked at, in milliseconds. */
const LOOK_EVERY_MS = 1_000;

/** Starts a VM without a window; does nothing when it runs. @throws VmUnknownError, HypervisorDriverError */
export async function startVm(vbox: VBoxManage, vm: string): Promise<{ started: boolean }> {
  if (!OFF.includes(await vbox.state(vm))) return { started: false };
  await vbox.start(vm);
  return { started: true };
}

/**
 * Stops a VM: its power button first, so that it can end its builds, then its power. Does nothing when it is off.
 * @param options.graceMs how long the guest may take, in milliseconds; default 60,000.
 */
export async function stopVm(
  vbox: VBoxManage,
  vm: string,
  { graceMs = 60_000, signal }: { graceMs?: number; signal?: AbortSignal } = {},
): Promise<{ how: 'was-off' | 'shut-down' | 'powered-off' }> {
  if (OFF.includes(await vbox.state(vm))) return { how: 'was-off' };
  await vbox.pressPowerButton(vm);
  for (const deadline = performance.now() + graceMs; performance.now() < deadline;) {
    if (OFF.includes(await vbox.state(vm))) return { how: 'shut-down' };
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
  await vbox.powerOff(vm);
  if (!OFF.includes(await vbox.state(vm)))
    throw new VmStateError(`${vm} still runs after its power was taken away`, {
      hint: 'Look at the process VBoxHeadless on its host.',
    });
  return { how: 'powered-off' };
}

/** What is known of a VM. */
export interface VmInfo {
  readonly name: string;
  readonly uuid: string;
  readonly state: string;
  readonly cpus: number;
  readonly memoryMiB: number;
  readonly network: string;
  readonly bridgedInterface: string | undefined;
  readonly macAddress: string | undefined;
  readonly serialLog: string | undefined;
  readonly autostart: boolean;
  /** SHA-256 of the image that it was made from. */
  readonly image: string | undefined;
  readonly address: string | undefined;
  readonly snapshots: readonly string[];
}

/** @throws VmUnknownError */
export async function vmInfo(vbox: VBoxManage, vm: string): Promise<VmInfo> {
  const info = await vbox.info(vm);
  return {
    name: info.get('name') ?? vm,
    uuid: info.get('UUID') ?? '',
    state: info.get('VMState') ?? 'unknown',
    cpus: Number(info.get('cpus')),
    memoryMiB: Number(info.get('memory')),
    network: info.get('nic1') ?? 'none',
    bridgedInterface: info.get('bridgeadapter1'),
    macAddress: info.get('macaddress1'),
    serialLog: info.get('uartmode1')?.replace(/^file,/, ''),
    autostart: info.get('autostart-enabled') === 'on',
    image: await vbox.readNote(vm, 'image'),
    address: await vbox.guestAddress(vm),
    snapshots: await vbox.snapshots(vm),
  };
}

/** Stops a VM and removes it with its disks; does nothing when there is none. */
export async function destroyVm(vbox: VBoxManage, vm: string, signal?: AbortSignal): Promise<{ removed: boolean }> {
  try {
    await stopVm(vbox, vm, { graceMs: 10_000, signal });
    await vbox.destroy(vm);
    return { removed: true };
  } catch (error) {
    if (error instanceof VmUnknownError) return { removed: false };
    throw error;
  }
}
