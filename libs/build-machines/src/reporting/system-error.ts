import { isSystemError } from '@build-machines/owned-files';
import { BuildMachinesError } from '@build-machines/protocol';

/** What an operating system refuses for reasons that lie in the user's files, not in a program. */
const HINTS: Readonly<Record<string, string>> = {
  ENOSPC: 'Free some space on that disk, then try again.',
  EDQUOT: 'Your disk quota is used up. Free some space, then try again.',
  EROFS: 'That file system can only be read. Make it writable, then try again.',
  EACCES: 'Check who owns it and its permissions with `ls -ld`, then try again.',
  EPERM: 'Check who owns it and its permissions with `ls -ld`, then try again.',
  EEXIST: 'Something of another kind is at that place. Look at it with `ls -ld`, move it away, then try again.',
  ENOTDIR: 'A file is where a folder has to be. Look at it with `ls -ld`, move it away, then try again.',
  EISDIR: 'A folder is where a file has to be. Look at it with `ls -ld`, move it away, then try again.',
  ELOOP: 'A symbolic link leads back to itself. Remove it, then try again.',
  ENAMETOOLONG: 'Choose a shorter name or path, then try again.',
  EMFILE: 'Too many files are open. Raise the limit with `ulimit -n 8192`, then try again.',
  EIO: 'The disk reported a fault. Look at `dmesg`, then try again.',
};

/** The error for people of an operating system's refusal that they can mend; undefined for all other errors. */
export function refusalOf(error: unknown): RefusedError | undefined {
  if (!isSystemError(error)) return undefined;
  const hint = HINTS[error.code];
  return hint === undefined ? undefined : new RefusedError(error, hint);
}

/** The operating system refused something: a full disk, missing permissions, a file in the place of a folder. */
export class RefusedError extends BuildMachinesError {
  readonly code = 'refused-by-system';
  constructor(cause: Error, hint: string) {
    super(`The operating system refused to go on: ${cause.message}.`, { hint, cause });
  }
}
