import { BuildMachinesError } from '@build-machines/protocol';
import { access, constants } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** The key file that was named for the first login cannot be used. */
export class IdentityFileError extends BuildMachinesError {
  readonly code = 'identity-file';
}

/**
 * The private key that a user names for the first login. A shell leaves `~` as it is after `--identityFile=`.
 * @returns its absolute path; what is relative is so to the workspace.
 * @throws IdentityFileError
 */
export async function identityFile(given: string, workspaceRoot: string, home: string): Promise<string> {
  const file = given.startsWith('~/') ? join(home, given.slice(2)) : resolve(workspaceRoot, given);
  if (file.endsWith('.pub'))
    throw new IdentityFileError(`${file} is the public half of a key`, {
      hint: `Name the private one: --identityFile=${file.slice(0, -'.pub'.length)}`,
    });
  try {
    await access(file, constants.R_OK);
  } catch (error) {
    throw new IdentityFileError(`the private key ${file} cannot be read`, {
      hint: 'Correct --identityFile, or leave it out: then the keys of your ssh configuration and agent are tried.',
      cause: error,
    });
  }
  return file;
}
