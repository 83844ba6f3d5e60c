/**
 * Whether an error has one of these codes: of the system, such as `ENOENT`, or our own. Asks for the property, not for the
 * class, which differs between realms.
 */
export function isErrno(error: unknown, ...codes: string[]): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && codes.includes(String(error.code));
}

/** Codes by which a file system says that it cannot make a hard link. */
export const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'ENOSYS', 'EXDEV'] as const;

/** Whether an error comes from the operating system; also one of another realm, as under a test runner. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException & { readonly code: string } {
  return typeof error === 'object' && error !== null && 'syscall' in error && 'code' in error;
}
