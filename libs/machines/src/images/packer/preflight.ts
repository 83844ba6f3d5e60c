import { constants } from 'node:fs';
import { access, statfs } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import prettyBytes from 'pretty-bytes';
import { hasErrorCode } from '../../disk/missing.js';
import { ImageBuildPreflightError } from './errors.js';

/** How an image comes to be: from an installer or from a disk that boots, in which hypervisor. */
export type ImageSource = 'virtualbox-iso' | 'qemu-iso' | 'qemu-disk-image';

/** Packer makes the CIDATA cd with the first of these that it finds. */
const CD_PROGRAMS = ['xorriso', 'mkisofs', 'hdiutil', 'oscdimg'];

/** Programs of which one per line must be there, with the package that brings it. */
function neededPrograms(source: ImageSource, withSeed: boolean): readonly { anyOf: string[]; from: string }[] {
  const hypervisor =
    source === 'virtualbox-iso'
      ? { anyOf: ['VBoxManage'], from: 'https://www.virtualbox.org/wiki/Downloads' }
      : { anyOf: ['qemu-system-x86_64'], from: 'sudo apt-get install qemu-system-x86' };
  return [
    hypervisor,
    { anyOf: ['qemu-img'], from: 'sudo apt-get install qemu-utils' },
    ...(withSeed ? [{ anyOf: CD_PROGRAMS, from: 'sudo apt-get install xorriso' }] : []),
  ];
}

/** Checks that the programs are on PATH. @throws ImageBuildPreflightError with the command that installs one. */
export async function checkPrograms(source: ImageSource, withSeed: boolean, path: string): Promise<void> {
  for (const { anyOf, from } of neededPrograms(source, withSeed)) {
    const found = await Promise.all(anyOf.map((program) => isOnPath(program, path)));
    if (!found.includes(true))
      throw new ImageBuildPreflightError(`${anyOf.join(' or ')} is needed to build an image by ${source}`, {
        hint: from.startsWith('http') ? `Install it: ${from}` : `Run: ${from}`,
      });
  }
}

async function isOnPath(program: string, path: string): Promise<boolean> {
  for (const folder of path.split(delimiter).filter((part) => part !== '')) {
    try {
      await access(join(folder, program), constants.X_OK);
      return true;
    } catch (error) {
      if (!hasErrorCode(error, 'ENOENT', 'EACCES', 'ENOTDIR')) throw error;
    }
  }
  return false;
}

/** Checks that a folder's disk has room. @throws ImageBuildPreflightError with both figures. */
export async function checkFreeDisk(folder: string, neededBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free < neededBytes)
    throw new ImageBuildPreflightError(
      `${folder} has ${prettyBytes(free)} free, but an image build needs about ${prettyBytes(neededBytes)}`,
      {
        hint: 'Make room, remove old images, or set BUILD_MACHINES_HOME to a larger disk.',
        details: { freeBytes: free, neededBytes },
      },
    );
}
