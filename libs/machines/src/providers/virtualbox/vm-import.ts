import { basename } from 'node:path';
import { OvaTamperedError } from '../../images/ova/errors.js';
import { verifyOva } from '../../images/ova/verify-ova.js';
import { sha256OfFile } from '../../images/file-digest.js';
import { chooseBridgedInterface } from './bridge.js';
import { configureVm } from './configure.js';
import { DigestDoubtedError, VmExistsError } from './errors.js';
import { startVm, vmInfo, type VmInfo } from './life-cycle.js';
import { replaceVm } from './replace.js';
import type { VBoxRunner } from './runner/vbox-runner.js';
import { VBoxManage } from './vboxmanage.js';

/** An appliance that is in order is given to VirtualBox so often while it doubts its digest. */
const IMPORTS = 4;

export interface VmImportOptions {
  readonly runner: VBoxRunner;
  /** Name of the VM: that of the machine. */
  readonly vm: string;
  readonly image: {
    readonly ova: string;
    /** What the image must have; default: what its own manifest says. */
    readonly sha256?: string;
    /** Such as `20260420`; names the VM of an import alongside. */
    readonly version: string;
  };
  /**
   * What becomes of a VM of that name made from another image. `refuse`: an error; `replace`: the new one takes its place,
   * the old one stays, stopped, as `<vm>-previous`; `alongside`: the new one is called `<vm>-<version>`.
   */
  readonly existing: 'refuse' | 'replace' | 'alongside';
  readonly network: { readonly mode: 'bridged' | 'nat'; readonly interface?: string };
  readonly cpus: number;
  readonly memoryMiB: number;
  readonly autostart: boolean;
  readonly start: boolean;
  readonly onProgress?: (text: string) => void;
  readonly signal?: AbortSignal;
}

export interface VmImportResult {
  /** The name that the VM got. */
  readonly vm: string;
  readonly outcome: 'imported' | 'replaced' | 'unchanged';
  readonly info: VmInfo;
}

/**
 * Makes a VM from an OVA: checks it, imports it, bridges it, sets CPUs and memory, starts it headless. Doing it again is a
 * no-op that only applies settings (to a VM that is off) and starts it. An import that fails leaves no VM behind, and a
 * replacement that fails leaves the old VM as it was.
 * @throws OvaMalformedError, OvaPaxError, OvaTruncatedError, OvaTamperedError, VmExistsError, BridgedInterfaceError,
 *   HypervisorDriverError, VBoxManageTooOldError and what else the driver tells apart.
 */
export async function vmImport(options: VmImportOptions): Promise<VmImportResult> {
  const { runner, vm, image, existing, start, onProgress, signal } = options;
  const vbox = new VBoxManage(runner, signal);
  await vbox.requireVersion();
  const network = await resolveNetwork(vbox, options);
  onProgress?.(`Checking ${basename(image.ova)}`);
  const sha256 = await checkImage(image, signal);
  const settings = { ...options, network, serialLog: await runner.serialLog(vm) };

  const present = await vbox.findVm(vm);
  const target = present && existing === 'alongside' ? `${vm}-${image.version}` : vm;
  const same = await vbox.findVm(target);
  if (same && (await vbox.readNote(target, 'image')) === sha256) {
    if ((await vbox.state(target)) === 'poweroff') await configureVm(vbox, target, settings);
    if (start) await startVm(vbox, target);
    return { vm: target, outcome: 'unchanged', info: await vmInfo(vbox, target) };
  }
  if (same && existing !== 'replace') throw new VmExistsError(target, `made from another image`);

  const fresh = same ? `${vm}-importing` : target;
  await importFresh(vbox, fresh, sha256, settings, options);
  if (same) {
    onProgress?.(`Putting it in the place of ${vm}`);
    await replaceVm(vbox, vm, fresh, { start, signal });
  } else if (start) await startVm(vbox, target);
  return { vm: target, outcome: same ? 'replaced' : 'imported', info: await vmInfo(vbox, target) };
}

async function importFresh(
  vbox: VBoxManage,
  name: string,
  sha256: string,
  settings: Parameters<typeof configureVm>[2],
  options: VmImportOptions,
): Promise<void> {
  const { runner, vm, image, onProgress, signal } = options;
  // Left by an import that was killed: nobody else uses this name.
  if (name !== vm && (await vbox.findVm(name))) await vbox.destroy(name);
  onProgress?.(`Bringing ${basename(image.ova)} to VirtualBox ${runner.where}`);
  const staged = await runner.stage(image.ova, { sha256, signal });
  try {
    onProgress?.(`Importing it as ${name}`);
    await importSound(vbox, { path: staged.path, ova: image.ova }, name, options);
    try {
      await configureVm(vbox, name, settings);
      await vbox.writeNote(name, 'image', sha256);
      await vbox.writeNote(name, 'machine', vm);
    } catch (error) {
      await new VBoxManage(runner).destroy(name);
      throw error;
    }
  } finally {
    await staged.release();
  }
}

/**
 * Of a disk that is padded behind its end, as those of older versions of this program and of qemu-img are, VirtualBox reads
 * the padding only sometimes, and says then that the digest is wrong. So its word is taken where our own check agrees.
 * @throws OvaTamperedError for an appliance that was changed, DigestDoubtedError when only VirtualBox thinks so.
 */
async function importSound(
  vbox: VBoxManage,
  appliance: { readonly path: string; readonly ova: string },
  name: string,
  { cpus, memoryMiB, signal }: VmImportOptions,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await vbox.importAppliance(appliance.path, appliance.ova, name, { cpus, memoryMiB });
      return;
    } catch (error) {
      if (!(error instanceof OvaTamperedError)) throw error;
      await verifyOva(appliance.ova, { signal });
      if (attempt === IMPORTS) throw new DigestDoubtedError(appliance.ova, vbox.runner.where, error);
    }
  }
}

/** Settled before anything is copied: a wrong name shall not cost a transfer of gigabytes. */
async function resolveNetwork(
  vbox: VBoxManage,
  { network }: VmImportOptions,
): Promise<{ mode: 'bridged'; interface: string } | { mode: 'nat' }> {
  if (network.mode === 'nat') return { mode: 'nat' };
  const chosen = chooseBridgedInterface(network.interface, await vbox.bridgedInterfaces(), vbox.runner.where);
  return { mode: 'bridged', interface: chosen.name };
}

/** The whole file's digest where one is known, each part's of the manifest otherwise. Returns the file's digest. */
async function checkImage({ ova, sha256 }: VmImportOptions['image'], signal?: AbortSignal): Promise<string> {
  await verifyOva(ova, { signal, digests: sha256 === undefined });
  const found = await sha256OfFile(ova, { signal });
  if (sha256 !== undefined && found !== sha256) throw new OvaTamperedError(ova, basename(ova), sha256, found);
  return found;
}
