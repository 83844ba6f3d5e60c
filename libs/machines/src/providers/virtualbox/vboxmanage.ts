import { VBoxManageMissingError, VBoxManageTooOldError } from './errors.js';
import { parseBridgedInterfaces, type BridgedInterface } from './parse/bridged-interfaces.js';
import { explainVBoxFailure, hasFailed, type VBoxAnswer } from './parse/explain-failure.js';
import { parseMachineReadable } from './parse/machine-readable.js';
import { isSupported, OLDEST_VIRTUALBOX, parseVirtualBoxVersion, type VirtualBoxVersion } from './parse/version.js';
import { parseVmList, type RegisteredVm } from './parse/vm-list.js';
import type { VBoxRunner } from './runner/vbox-runner.js';

/** Extra data of a VM under which we remember where it came from. */
export type VmNote = 'image' | 'machine' | 'role';

const NOTE_PREFIX = 'build-machines/';

/** VBoxManage's commands that we use, each failing with an error of ours. */
export class VBoxManage {
  constructor(
    readonly runner: VBoxRunner,
    private readonly signal?: AbortSignal,
  ) {}

  /** @throws VBoxManageMissingError, VBoxManageTooOldError */
  async requireVersion(): Promise<VirtualBoxVersion> {
    const { stdout } = await this.call(['--version']);
    const version = parseVirtualBoxVersion(stdout);
    if (version === undefined) throw new VBoxManageMissingError(`${this.runner.where}; it says: ${stdout.trim()}`);
    if (!isSupported(version)) throw new VBoxManageTooOldError(version.join('.'), OLDEST_VIRTUALBOX.join('.'));
    return version;
  }

  async listVms(): Promise<readonly RegisteredVm[]> {
    return parseVmList((await this.call(['list', 'vms'])).stdout);
  }

  async findVm(name: string): Promise<RegisteredVm | undefined> {
    return (await this.listVms()).find((vm) => vm.name === name);
  }

  async bridgedInterfaces(): Promise<readonly BridgedInterface[]> {
    return parseBridgedInterfaces((await this.call(['list', 'bridgedifs'])).stdout);
  }

  /** All that `showvminfo --machinereadable` says. @throws VmUnknownError */
  async info(vm: string): Promise<ReadonlyMap<string, string>> {
    return parseMachineReadable((await this.call(['showvminfo', vm, '--machinereadable'], { vm })).stdout);
  }

  /** `running`, `poweroff`, `saved`, `aborted`, … @throws VmUnknownError */
  async state(vm: string): Promise<string> {
    return (await this.info(vm)).get('VMState') ?? 'unknown';
  }

  /** @param path as VBoxManage knows it; `ova` is what the user calls it. */
  async importAppliance(
    path: string,
    ova: string,
    vm: string,
    sizes: { cpus: number; memoryMiB: number },
  ): Promise<void> {
    const choice = ['--vsys', '0', '--vmname', vm, '--cpus', String(sizes.cpus), '--memory', String(sizes.memoryMiB)];
    await this.call(['import', path, ...choice], { vm, ova });
  }

  /** Changes a VM that is off. Returns VBoxManage's warnings: it takes some wrong values with no more than that. */
  async modify(vm: string, ...settings: string[]): Promise<readonly string[]> {
    const { stderr } = await this.call(['modifyvm', vm, ...settings], { vm });
    return [...stderr.matchAll(/VBoxManage(?:\.exe)?: warning: (.*)/g)].map(([, text = '']) => text);
  }

  async start(vm: string): Promise<void> {
    await this.call(['startvm', vm, '--type', 'headless'], { vm });
  }

  async pressPowerButton(vm: string): Promise<void> {
    await this.call(['controlvm', vm, 'acpipowerbutton'], { vm });
  }

  async powerOff(vm: string): Promise<void> {
    await this.call(['controlvm', vm, 'poweroff'], { vm });
  }

  /** Removes a VM with its disks. */
  async destroy(vm: string): Promise<void> {
    await this.call(['unregistervm', vm, '--delete'], { vm });
  }

  async takeSnapshot(vm: string, name: string): Promise<void> {
    await this.call(['snapshot', vm, 'take', name], { vm });
  }

  async restoreSnapshot(vm: string, name: string): Promise<void> {
    await this.call(['snapshot', vm, 'restore', name], { vm });
  }

  /** Names of a VM's snapshots. A VM without any makes VBoxManage exit with 1, which is no failure. */
  async snapshots(vm: string): Promise<readonly string[]> {
    const args = ['snapshot', vm, 'list', '--machinereadable'];
    const answer = await this.runner.run(args, { signal: this.signal });
    if (/does not have any snapshots/.test(answer.stdout)) return [];
    if (hasFailed(answer)) throw explainVBoxFailure(args, answer, { vm, ova: '' });
    return [...parseMachineReadable(answer.stdout)]
      .filter(([key]) => key.startsWith('SnapshotName'))
      .map(([, name]) => name);
  }

  async readNote(vm: string, note: VmNote): Promise<string | undefined> {
    const { stdout } = await this.call(['getextradata', vm, `${NOTE_PREFIX}${note}`], { vm });
    return /^Value: (.*)$/m.exec(stdout)?.[1];
  }

  async writeNote(vm: string, note: VmNote, value: string): Promise<void> {
    await this.call(['setextradata', vm, `${NOTE_PREFIX}${note}`, value], { vm });
  }

  /** The address that the guest reports, where guest additions run. */
  async guestAddress(vm: string): Promise<string | undefined> {
    const { stdout } = await this.call(['guestproperty', 'get', vm, '/VirtualBox/GuestInfo/Net/0/V4/IP'], { vm });
    return /^Value: (.*)$/m.exec(stdout)?.[1];
  }

  private async call(args: readonly string[], context: { vm?: string; ova?: string } = {}): Promise<VBoxAnswer> {
    const answer = await this.runner.run(args, { signal: this.signal });
    if (hasFailed(answer)) throw explainVBoxFailure(args, answer, { vm: context.vm ?? '', ova: context.ova ?? '' });
    return answer;
  }
}
