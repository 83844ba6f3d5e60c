import { chmod, mkdir, stat } from 'node:fs/promises';
import { BuildMachinesError } from '@build-machines/protocol';

/** A folder that shall be ours alone belongs to someone else. */
export class ForeignFolderError extends BuildMachinesError {
  readonly code = 'state-folder-foreign';
}

/**
 * Makes a folder (and its parents) that only the current user may enter, and closes one that stands open.
 * @throws ForeignFolderError when it belongs to another user: whoever owns it could replace what we keep in it.
 */
export async function ensurePrivateFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  const found = await stat(path);
  const self = process.getuid?.();
  if (self !== undefined && found.uid !== self)
    throw new ForeignFolderError(`${path} belongs to user id ${found.uid}, not to you (${self})`, {
      hint: 'Set BUILD_MACHINES_HOME to a folder of your own, or give this one back with chown.',
    });
  if ((found.mode & 0o077) !== 0) await chmod(path, 0o700);
}
