import { join } from 'node:path';
import { z } from 'zod';
import { Sha256 } from '@build-machines/protocol';
import type { StateFolder } from '../../state/state-folder.js';

/** Files of one QEMU machine, in its state folder. */
export interface QemuLayout {
  readonly name: string;
  readonly folder: string;
  readonly disk: string;
  readonly previousDisk: string;
  /** What the disk was made from, and how the machine is to be run: {@link QemuMachineRecord}. */
  readonly record: string;
  readonly serialLog: string;
  /** QEMU's control socket (QMP). */
  readonly controlSocket: string;
  /** Which process runs the machine. */
  readonly process: string;
  readonly qemuLog: string;
}

export function qemuLayout(state: StateFolder, name: string): QemuLayout {
  const folder = join(state.machine(name), 'qemu');
  return {
    name,
    folder,
    disk: join(folder, 'disk.qcow2'),
    previousDisk: join(folder, 'previous.qcow2'),
    record: join(folder, 'machine.json'),
    serialLog: join(folder, 'serial.log'),
    controlSocket: join(folder, 'qmp'),
    process: join(folder, 'process.json'),
    qemuLog: join(folder, 'qemu.log'),
  };
}

const ImageRef = z.object({ sha256: Sha256, version: z.string() });

/** `machine.json`. */
export const QemuMachineRecord = z.object({
  version: z.literal(1),
  image: ImageRef,
  /** Of the disk that a rollback would bring back. */
  previousImage: ImageRef.nullable(),
  cpus: z.number().int(),
  memoryMiB: z.number().int(),
  /** Port on this computer's loopback interface that leads to the machine's sshd, tunnel or not. */
  sshPort: z.number().int(),
  accelerator: z.enum(['kvm', 'tcg']),
});
export type QemuMachineRecord = z.infer<typeof QemuMachineRecord>;
