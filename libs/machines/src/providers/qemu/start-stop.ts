import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { removeFile } from '@build-machines/owned-files';
import { hasErrorCode, readIfPresent } from '../../disk/missing.js';
import { withLock } from '../../disk/with-lock.js';
import { writePrivate } from '../../disk/write-aside.js';
import { endProcesses } from '../../processes/end-processes.js';
import { identifyProcess, isRunning, type ProcessIdentity } from '../../processes/process-identity.js';
import { closeLog, openLog } from '../../supervision/capped-log.js';
import { QemuMissingError, QemuStartError } from './errors.js';
import type { QemuLayout } from './layout.js';
import { readRecord, runningQemu } from './machine-record.js';
import { qemuArguments } from './qemu-arguments.js';
import { qmp } from './qmp.js';

/** How long QEMU may take to open its control socket, in milliseconds. */
const START_PATIENCE_MS = 20_000;

/** How often a machine that starts or stops is looked at, in milliseconds. */
const LOOK_EVERY_MS = 200;

export interface QemuStartOptions {
  /** Default `qemu-system-x86_64`. */
  readonly program?: string;
  readonly signal?: AbortSignal;
}

/**
 * Starts a machine, detached: it runs on when this process ends, until the guest powers off or stopQemu(). A guest that
 * reboots stays in the same QEMU. Does nothing when it runs.
 * @throws QemuVmUnknownError, QemuMissingError, QemuStartError
 */
export async function startQemu(layout: QemuLayout, options: QemuStartOptions = {}): Promise<{ started: boolean }> {
  const record = await readRecord(layout);
  return withLock(layout.process, async () => {
    if (await runningQemu(layout)) return { started: false };
    await removeFile(layout.controlSocket);
    await launch(layout, qemuArguments(layout, record), options);
    return { started: true };
  });
}

async function launch(
  layout: QemuLayout,
  args: string[],
  { program = 'qemu-system-x86_64', signal }: QemuStartOptions,
): Promise<void> {
  signal?.throwIfAborted();
  const log = openLog(layout.qemuLog);
  const child = spawn(program, args, { cwd: layout.folder, detached: true, stdio: ['ignore', log, log] });
  closeLog(log);
  let failure: Error | undefined;
  child.once('error', (error) => (failure = error));
  child.once('exit', (code, byWhat) => (failure ??= new Error(`it exited with ${String(code ?? byWhat)}`)));
  child.unref();
  const identity = child.pid === undefined ? undefined : identifyProcess(child.pid);
  if (identity) await writePrivate(layout.process, JSON.stringify(identity));
  const deadline = performance.now() + START_PATIENCE_MS;
  while ((await qmp(layout.controlSocket, 'query-status')) === undefined) {
    if (hasErrorCode(failure, 'ENOENT')) throw new QemuMissingError(program, failure);
    if (failure !== undefined || performance.now() > deadline) {
      if (identity) await endProcesses([identity]);
      throw await startError(layout, failure);
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
}

async function startError(layout: QemuLayout, failure: Error | undefined): Promise<QemuStartError> {
  const said = ((await readIfPresent(layout.qemuLog)) ?? '').trim().split('\n').slice(-3).join(' | ');
  return new QemuStartError(`QEMU did not start ${layout.name}: ${said || failure?.message || 'no sign of it'}`, {
    hint: /Could not set up host forwarding/.test(said)
      ? 'Another program took the machine’s SSH port; import again to choose another.'
      : /Failed to get .*lock/.test(said)
        ? 'The disk is in use by another QEMU. End it first.'
        : `Its log is ${layout.qemuLog}.`,
    cause: failure,
  });
}

/**
 * Stops a machine: the power button first, so that the guest can end its builds, then its power.
 * @param options.graceMs how long the guest may take, in milliseconds; default 60,000; 0 takes the power at once.
 */
export async function stopQemu(
  layout: QemuLayout,
  { graceMs = 60_000, signal }: { graceMs?: number; signal?: AbortSignal } = {},
): Promise<{ how: 'was-off' | 'shut-down' | 'powered-off' }> {
  const running = await runningQemu(layout);
  if (running === undefined) return { how: 'was-off' };
  if (graceMs > 0 && (await qmp(layout.controlSocket, 'system_powerdown')) && (await ended(running, graceMs, signal)))
    return { how: 'shut-down' };
  await qmp(layout.controlSocket, 'quit').catch(() => undefined); // A QEMU that is stuck is ended below.
  if (!(await ended(running, 5_000, signal))) await endProcesses([running]);
  return { how: 'powered-off' };
}

async function ended(identity: ProcessIdentity, withinMs: number, signal?: AbortSignal): Promise<boolean> {
  for (const deadline = performance.now() + withinMs; performance.now() < deadline;) {
    if (!isRunning(identity)) return true;
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
  return !isRunning(identity);
}
