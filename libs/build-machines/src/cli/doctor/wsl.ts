import type { Workstation } from './check.js';

/** Whether this computer is a WSL2 system: its kernel says so (`…-microsoft-standard-WSL2`). */
export async function isWsl({ read }: Pick<Workstation, 'read'>): Promise<boolean> {
  return /microsoft/i.test((await read('/proc/sys/kernel/osrelease')) ?? '');
}
