import { execFileSync } from 'node:child_process';
import type { OtherUser } from './workstation.js';

/** Whether the tests may act as another user. */
export const mayActAsOthers = process.getuid?.() === 0;

/** Makes an ordinary user of this computer. */
export function addUser(): OtherUser {
  const name = `bm-e2e-${process.pid}-${Math.floor(Math.random() * 1000)}`;
  execFileSync('useradd', ['--no-create-home', '--shell', '/bin/bash', name]);
  const id = (flag: string): number => Number(execFileSync('id', [flag, name], { encoding: 'utf8' }));
  return { name, uid: id('-u'), gid: id('-g') };
}

/** Removes a user that {@link addUser} made. */
export function removeUser(user: OtherUser): void {
  execFileSync('userdel', [user.name]);
}
