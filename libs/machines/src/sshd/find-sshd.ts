import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { ProgramMissingError } from '../keys/errors.js';

/** Where distributions put programs that are not on every user's PATH. */
const SYSTEM_FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/sbin', '/usr/bin', '/usr/local/bin', '/bin'];

/** Absolute path of a program on PATH or in a system folder; undefined where there is none. */
export async function findProgram(name: string, path: string): Promise<string | undefined> {
  for (const folder of [...path.split(delimiter).filter((entry) => entry.startsWith('/')), ...SYSTEM_FOLDERS]) {
    const file = join(folder, name);
    const executable = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (executable) return file;
  }
  return undefined;
}

/**
 * As {@link findProgram}.
 * @throws ProgramMissingError that names the package to install.
 */
export async function requireProgram(name: string, path: string, debianPackage: string): Promise<string> {
  const found = await findProgram(name, path);
  if (found === undefined) throw new ProgramMissingError(name, debianPackage);
  return found;
}

/** The SSH server. Its path must be absolute: sshd executes itself anew for each connection. */
export function requireSshd(path: string): Promise<string> {
  return requireProgram('sshd', path, 'openssh-server');
}
