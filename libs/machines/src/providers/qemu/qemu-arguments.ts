import type { QemuLayout, QemuMachineRecord } from './layout.js';

/** QEMU splits option strings at commas; one that belongs to a value is doubled. */
export function optionValue(value: string): string {
  return value.replaceAll(',', ',,');
}

/**
 * QEMU's arguments for a machine: no window, virtio devices, QEMU's own user-mode network. The guest reaches this
 * computer's loopback services at 10.0.2.2 (so the relay need not listen on any other interface), and this computer
 * reaches the guest's sshd at `sshPort`, bound to 127.0.0.1: without the address, QEMU would listen on all interfaces.
 */
export function qemuArguments(
  { name, disk, serialLog, controlSocket }: Pick<QemuLayout, 'name' | 'disk' | 'serialLog' | 'controlSocket'>,
  { cpus, memoryMiB, sshPort, accelerator }: Omit<QemuMachineRecord, 'version' | 'image' | 'previousImage'>,
): string[] {
  return [
    ...['-name', optionValue(name), '-nodefaults', '-display', 'none', '-no-user-config'],
    ...(accelerator === 'kvm' ? ['-accel', 'kvm', '-cpu', 'host'] : ['-accel', 'tcg,thread=multi', '-cpu', 'max']),
    ...['-smp', String(cpus), '-m', String(memoryMiB), '-rtc', 'base=utc'],
    ...['-drive', `file=${optionValue(disk)},format=qcow2,if=virtio,discard=unmap,detect-zeroes=unmap`],
    ...['-netdev', `user,id=net0,hostfwd=tcp:127.0.0.1:${sshPort}-:22`, '-device', 'virtio-net-pci,netdev=net0'],
    // A fresh machine makes its keys at first boot, and waits for randomness without this.
    ...['-device', 'virtio-rng-pci'],
    ...['-chardev', `file,id=serial0,path=${optionValue(serialLog)},append=on`, '-serial', 'chardev:serial0'],
    ...['-qmp', `unix:${optionValue(controlSocket)},server=on,wait=off`],
    // A guest that breaks out of its devices may not start programs or gain rights.
    ...['-sandbox', 'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny'],
  ];
}
