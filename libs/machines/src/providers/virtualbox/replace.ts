import { VmUnknownError } from './errors.js';
import { destroyVm, startVm, stopVm } from './life-cycle.js';
import type { VBoxManage } from './vboxmanage.js';

/** Name of the VM that was replaced, kept for a rollback until the next replacement succeeds. */
export function previousVmName(vm: string): string {
  return `${vm}-previous`;
}

/**
 * Puts the VM `fresh` in the place of `vm`, which becomes its previous one. Should `fresh` not start, everything is as it
 * was before: `vm` under its name (and running, if it did), `fresh` gone.
 */
export async function replaceVm(
  vbox: VBoxManage,
  vm: string,
  fresh: string,
  { start, signal }: { start: boolean; signal?: AbortSignal },
): Promise<void> {
  const previous = previousVmName(vm);
  const { how } = await stopVm(vbox, vm, { signal });
  // Only now is an older previous one given up; while something can go wrong it waits under a third name.
  const older = `${vm}-older`;
  await renameIfPresent(vbox, previous, older);
  await rename(vbox, vm, previous);
  try {
    await rename(vbox, fresh, vm);
    if (start) await startVm(vbox, vm);
  } catch (error) {
    const failed = (await vbox.findVm(vm)) ? vm : fresh;
    await destroyVm(vbox, failed, signal);
    await rename(vbox, previous, vm);
    await renameIfPresent(vbox, older, previous);
    if (how !== 'was-off') await startVm(vbox, vm);
    throw error;
  }
  await destroyVm(vbox, older, signal);
}

/**
 * Goes back to the VM of the earlier image; the present one becomes the previous one, so a second call goes forth again.
 * @throws VmUnknownError when nothing was replaced yet.
 */
export async function vmRollback(
  vbox: VBoxManage,
  vm: string,
  { start, signal }: { start: boolean; signal?: AbortSignal },
): Promise<void> {
  const previous = previousVmName(vm);
  if (!(await vbox.findVm(previous))) throw new VmUnknownError(previous);
  const { how } = await stopVm(vbox, vm, { signal });
  const aside = `${vm}-rolling-back`;
  await rename(vbox, vm, aside);
  await rename(vbox, previous, vm);
  await rename(vbox, aside, previous);
  try {
    if (start) await startVm(vbox, vm);
  } catch (error) {
    await rename(vbox, vm, aside);
    await rename(vbox, previous, vm);
    await rename(vbox, aside, previous);
    if (how !== 'was-off') await startVm(vbox, vm);
    throw error;
  }
}

async function rename(vbox: VBoxManage, from: string, to: string): Promise<void> {
  await vbox.modify(from, '--name', to);
}

async function renameIfPresent(vbox: VBoxManage, from: string, to: string): Promise<void> {
  if (await vbox.findVm(from)) await rename(vbox, from, to);
}
