import { dirname, join } from 'node:path';
import { ensurePrivateFolder } from '../../disk/private-folder.js';
import { withLock } from '../../disk/with-lock.js';
import type { SandboxLayout } from './layout.js';

/** Runs an action while no other process brings this sandbox up or down. */
export async function withSandboxLock<T>(layout: SandboxLayout, action: () => Promise<T>): Promise<T> {
  await ensurePrivateFolder(dirname(layout.root));
  await ensurePrivateFolder(layout.root);
  return withLock(join(layout.root, 'up-or-down'), action, 60_000);
}
