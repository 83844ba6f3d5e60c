import { readIfPresent } from '../../disk/missing.js';
import { writePrivate } from '../../disk/write-aside.js';
import { isRunning, ProcessIdentity } from '../../processes/process-identity.js';
import { QemuVmUnknownError } from './errors.js';
import { QemuMachineRecord, type QemuLayout } from './layout.js';

/** The machine's record; undefined before an image was imported. */
export async function findRecord(layout: QemuLayout): Promise<QemuMachineRecord | undefined> {
  const text = await readIfPresent(layout.record);
  return text === undefined ? undefined : QemuMachineRecord.parse(JSON.parse(text));
}

/** @throws QemuVmUnknownError */
export async function readRecord(layout: QemuLayout): Promise<QemuMachineRecord> {
  const record = await findRecord(layout);
  if (record === undefined) throw new QemuVmUnknownError(layout.name);
  return record;
}

export async function writeRecord(layout: QemuLayout, record: QemuMachineRecord): Promise<void> {
  await writePrivate(layout.record, `${JSON.stringify(record, null, 2)}\n`);
}

/** The QEMU that runs the machine, if one does. */
export async function runningQemu(layout: QemuLayout): Promise<ProcessIdentity | undefined> {
  const text = await readIfPresent(layout.process);
  if (text === undefined) return undefined;
  const identity = ProcessIdentity.parse(JSON.parse(text));
  return isRunning(identity) ? identity : undefined;
}
