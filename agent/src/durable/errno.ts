import { isErrno } from '@build-machines/owned-files';

export { isErrno, isSystemError } from '@build-machines/owned-files';

/** Whether an error means that the disk (or the user's quota) is full. */
export function isDiskFull(error: unknown): boolean {
  return isErrno(error, 'ENOSPC', 'EDQUOT');
}
