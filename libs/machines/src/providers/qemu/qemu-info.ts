import { removeTree } from '@build-machines/owned-files';
import { z } from 'zod';
import { diskSizes } from '../../images/disk/qemu-img.js';
import type { QemuLayout, QemuMachineRecord } from './layout.js';
import { readRecord, runningQemu } from './machine-record.js';
import { qmp } from './qmp.js';
import { stopQemu } from './start-stop.js';

/** What is known of a QEMU machine. */
export interface QemuInfo extends QemuMachineRecord {
  /** QEMU's word for it (`running`, `paused`, …), or `poweroff`. */
  readonly state: string;
  readonly pid: number | undefined;
  readonly serialLog: string;
  readonly disk: { readonly capacityBytes: number; readonly storedBytes: number };
}

/** @throws QemuVmUnknownError */
export async function qemuInfo(layout: QemuLayout): Promise<QemuInfo> {
  const record = await readRecord(layout);
  const running = await runningQemu(layout);
  const status = running && (await qmp(layout.controlSocket, 'query-status'));
  // qemu-img would refuse a disk in use without -U, and shared reading of sizes is harmless.
  const { capacityBytes, storedBytes } = await diskSizes(layout.disk, { shared: true });
  return {
    ...record,
    state: status ? z.object({ status: z.string() }).parse(status.answer).status : 'poweroff',
    pid: running?.pid,
    serialLog: layout.serialLog,
    disk: { capacityBytes, storedBytes },
  };
}

/** Takes a machine's power and removes all that it is made of; does nothing when there is none. */
export async function destroyQemu(layout: QemuLayout): Promise<void> {
  await stopQemu(layout, { graceMs: 0 });
  await removeTree(layout.folder);
}
