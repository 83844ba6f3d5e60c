import { readFileSync } from 'node:fs';
import { hasErrorCode } from '../disk/missing.js';

/** Who runs an sshd of ours, and what that asks of its configuration. */
export interface SshdAccount {
  readonly user: string;
  readonly isRoot: boolean;
  /**
   * Whether the account's password is locked (`!` in /etc/shadow). An sshd that may read that file, so one run by root,
   * refuses such an account even with a key, unless it leaves accounts to PAM.
   */
  readonly isLocked: boolean;
}

/** Reads what sshd will find. @param user login name of the current user. */
export function sshdAccount(user: string, uid: number): SshdAccount {
  const isRoot = uid === 0;
  return { user, isRoot, isLocked: isRoot && passwordField(user).startsWith('!') };
}

function passwordField(user: string): string {
  try {
    const line = readFileSync('/etc/shadow', 'utf8')
      .split('\n')
      .find((entry) => entry.startsWith(`${user}:`));
    return line?.split(':')[1] ?? '';
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT', 'EACCES')) return '';
    throw error;
  }
}
