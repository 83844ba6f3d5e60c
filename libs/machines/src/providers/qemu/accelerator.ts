import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeTemporaryFolder, removeTemporaryFolder } from '@build-machines/owned-files';
import { z } from 'zod';
import { hasErrorCode, readIfPresent } from '../../disk/missing.js';
import { writePrivate } from '../../disk/write-aside.js';
import { QemuMissingError } from './errors.js';
import { optionValue } from './qemu-arguments.js';

/** Which way QEMU shall run a guest, and why. */
export const AcceleratorChoice = z.object({ accelerator: z.enum(['kvm', 'tcg']), reason: z.string() });
export type AcceleratorChoice = z.infer<typeof AcceleratorChoice>;

export interface ChooseAcceleratorOptions {
  /** A disk that boots and writes to the serial console, for the trial; it is not changed. Absent: no trial. */
  readonly disk?: { readonly file: string; readonly format: 'qcow2' };
  /** Where the verdict of a trial is kept, per kernel. */
  readonly cacheFile: string;
  readonly program?: string;
  readonly signal?: AbortSignal;
}

/** How long a kernel may take to say its first words under KVM, in milliseconds; it takes about two seconds. */
const TRIAL_MS = 30_000;

/**
 * KVM where it runs a guest, QEMU's own emulation (TCG) otherwise. That /dev/kvm exists and opens proves nothing: under
 * some hypervisors firmware runs and a Linux guest hangs. So a guest is booted once, and the verdict kept.
 */
export async function chooseAccelerator(options: ChooseAcceleratorOptions): Promise<AcceleratorChoice> {
  const obstacle = await kvmObstacle();
  if (obstacle !== undefined) return { accelerator: 'tcg', reason: obstacle };
  const kernel = release();
  const known = await readVerdict(options.cacheFile, kernel);
  if (known) return known;
  if (!options.disk) return { accelerator: 'kvm', reason: '/dev/kvm is there; no guest was booted to try it' };
  const works = await bootsWith('kvm', options);
  const choice: AcceleratorChoice = works
    ? { accelerator: 'kvm', reason: 'a guest was booted with it' }
    : { accelerator: 'tcg', reason: '/dev/kvm is there, but a guest does not boot with it' };
  await writePrivate(options.cacheFile, JSON.stringify({ kernel, choice }));
  return choice;
}

/** Why KVM cannot work here, as far as it can be told without trying; undefined when it may. */
export async function kvmObstacle(): Promise<string | undefined> {
  try {
    await access('/dev/kvm', constants.R_OK | constants.W_OK);
  } catch (error) {
    return hasErrorCode(error, 'EACCES') ? 'this user may not open /dev/kvm (group kvm)' : 'there is no /dev/kvm';
  }
  const cpus = await readFile('/proc/cpuinfo', 'utf8');
  return /^flags\s*:.*\b(vmx|svm)\b/m.test(cpus) ? undefined : 'the processor offers no virtualization (vmx, svm)';
}

/** Whether a guest's kernel speaks on the serial console within the trial's time. */
export async function bootsWith(
  accelerator: 'kvm' | 'tcg',
  { disk, program = 'qemu-system-x86_64', signal }: ChooseAcceleratorOptions,
): Promise<boolean> {
  if (!disk) throw new RangeError('a trial needs a disk');
  const folder = await makeTemporaryFolder(join(tmpdir(), 'bm-trial-'));
  const serial = join(folder, 'serial.log');
  const args = [
    ...['-accel', accelerator, '-cpu', accelerator === 'kvm' ? 'host' : 'max', '-m', '1024', '-nodefaults'],
    ...['-display', 'none', '-snapshot', '-drive', `file=${optionValue(disk.file)},format=${disk.format},if=virtio`],
    ...['-serial', `file:${optionValue(serial)}`],
  ];
  const qemu = spawn(program, args, { stdio: 'ignore', env: { ...process.env, TMPDIR: folder } });
  let failure: Error | undefined;
  let over = false;
  qemu.once('error', (error) => (failure = error));
  const exited = new Promise<void>((resolve) => qemu.once('close', () => resolve())).then(() => {
    over = true;
  });
  try {
    for (const deadline = performance.now() + TRIAL_MS; performance.now() < deadline && !over;) {
      if (/Linux version/.test((await readIfPresent(serial)) ?? '')) return true;
      await sleep(250, undefined, { signal });
    }
    if (hasErrorCode(failure, 'ENOENT')) throw new QemuMissingError(program, failure);
    return false;
  } finally {
    qemu.kill('SIGKILL');
    await exited;
    await removeTemporaryFolder(folder);
  }
}

async function readVerdict(file: string, kernel: string): Promise<AcceleratorChoice | undefined> {
  const text = await readIfPresent(file);
  if (text === undefined) return undefined;
  const verdict = z.object({ kernel: z.string(), choice: AcceleratorChoice }).safeParse(JSON.parse(text));
  return verdict.success && verdict.data.kernel === kernel ? verdict.data.choice : undefined;
}
