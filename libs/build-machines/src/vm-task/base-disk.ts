import type { ImageBase } from '@build-machines/machines';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { BaseDiskDigestMissingError, BaseDiskLoginError } from './vm-task-errors.js';

/** What a user says about the disk that an image is installed into. */
export interface BaseDiskChoice {
  readonly baseDisk?: string;
  readonly baseDiskSha256?: string;
  readonly baseDiskUser?: string;
  readonly baseDiskPasswordFile?: string;
}

/**
 * What a machine's image is installed from: Ubuntu's installer in the machine's own hypervisor, or a disk that boots.
 * Paths are relative to the workspace.
 * @throws BaseDiskDigestMissingError, BaseDiskLoginError
 */
export async function imageBase(
  provider: string,
  workspaceRoot: string,
  { baseDisk, baseDiskSha256, baseDiskUser, baseDiskPasswordFile }: BaseDiskChoice,
): Promise<ImageBase> {
  if (baseDisk === undefined) return { source: provider === 'qemu' ? 'qemu-iso' : 'virtualbox-iso' };
  const file = resolve(workspaceRoot, baseDisk);
  if (baseDiskSha256 === undefined) throw new BaseDiskDigestMissingError(file);
  const base = { source: 'qemu-disk-image', disk: { file, sha256: baseDiskSha256 } } as const;
  if (baseDiskUser === undefined && baseDiskPasswordFile === undefined) return base;
  if (baseDiskUser === undefined || baseDiskPasswordFile === undefined) throw new BaseDiskLoginError();
  const password = (await readPassword(resolve(workspaceRoot, baseDiskPasswordFile))).trim();
  return { ...base, login: { user: baseDiskUser, password } };
}

async function readPassword(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new BaseDiskLoginError(file, cause);
  }
}
