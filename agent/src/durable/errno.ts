/**
 * Whether an error is a system error with one of these codes (`ENOENT`, `EEXIST`, …). Asks for the property, not for the
 * class, which differs between realms.
 */
export function isErrno(error: unknown, ...codes: string[]): boolean {
  return isSystemError(error) && codes.includes(error.code);
}

/** Whether an error comes from a system call. */
export function isSystemError(error: unknown): error is { code: string; message: string } {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string';
}

/** Whether an error means that the disk (or the user's quota) is full. */
export function isDiskFull(error: unknown): boolean {
  return isErrno(error, 'ENOSPC', 'EDQUOT');
}
