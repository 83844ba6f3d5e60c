import { moveOwn, removeFile, removeTree } from '@build-machines/owned-files';
import { imageFiles, type StateFolder, writePrivate } from '@build-machines/machines';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MachineImage } from './machine-image.js';

/**
 * What this workstation knows of one VM in particular and what the next VM of that machine does not share: its pinned host
 * key, how it is reached, what it was given, its one-time password.
 */
const IDENTITY = ['host_key.pub', 'access.json', 'injected.json', 'one-time-password'] as const;

/**
 * Notes that a machine has a new VM: what is known of the one before is set aside for a rollback, and the image's one-time
 * password is kept until the VM has keys, because the image itself may be gone by then.
 */
export async function beginIdentity(state: StateFolder, name: string, image: MachineImage): Promise<void> {
  const folder = state.machine(name);
  const aside = join(folder, 'previous');
  await removeTree(aside);
  await mkdir(aside, { recursive: true, mode: 0o700 });
  for (const file of IDENTITY) await moveIfPresent(join(folder, file), join(aside, file));
  const { password } = imageFiles(image.ova);
  if (existsSync(password)) await writePrivate(join(folder, 'one-time-password'), await readFile(password, 'utf8'));
}

/** After a rollback: what is known of the two VMs changes places. */
export async function swapIdentity(state: StateFolder, name: string): Promise<void> {
  const folder = state.machine(name);
  const aside = join(folder, 'previous');
  await mkdir(aside, { recursive: true, mode: 0o700 });
  for (const file of IDENTITY) {
    const present = join(folder, file);
    const third = join(aside, `${file}.rolling-back`);
    await moveIfPresent(present, third);
    await moveIfPresent(join(aside, file), present);
    await moveIfPresent(third, join(aside, file));
  }
}

/** The one-time password of a VM that has no keys yet. */
export async function oneTimePassword(state: StateFolder, name: string): Promise<string | undefined> {
  const file = passwordFile(state, name);
  return existsSync(file) ? (await readFile(file, 'utf8')).trim() : undefined;
}

/** For a VM that has keys: the password is worthless there. */
export async function forgetOneTimePassword(state: StateFolder, name: string): Promise<void> {
  await removeFile(passwordFile(state, name));
}

function passwordFile(state: StateFolder, name: string): string {
  return join(state.machine(name), 'one-time-password');
}

async function moveIfPresent(from: string, to: string): Promise<void> {
  if (existsSync(from)) await moveOwn(from, to);
}
