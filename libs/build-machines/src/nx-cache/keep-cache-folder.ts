import { cacheDir } from '@nx/devkit';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Makes sure that Nx can write down what a task printed. `nx reset` in another terminal removes the folder under a
 * running Nx, which creates it once, when it starts, and ends a successful run with "No such file or directory" without
 * it (nx 23.2.1, native/cache/cache.rs). A folder that cannot be made is Nx's to report.
 */
export async function keepCacheFolder(): Promise<void> {
  await mkdir(join(cacheDir, 'terminalOutputs'), { recursive: true }).catch(() => undefined);
}
