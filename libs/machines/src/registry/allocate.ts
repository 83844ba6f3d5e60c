import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { withLock } from '../disk/with-lock.js';
import { hasErrorCode } from '../disk/missing.js';
import { writeAside } from '../disk/write-aside.js';
import { PortRegistryMissingError } from './errors.js';
import { allocateInText, releaseInText } from './in-text.js';
import { PORT_REGISTRY_FILE } from './schema.js';

/**
 * The machine's port: the one it has, or else the lowest that is free, which is written into the registry (comments and
 * layout stay). Safe against other processes that allocate at the same time.
 * @throws PortRangeFullError when the range is full; what `readPortRegistry` throws.
 */
export async function allocatePort(workspaceRoot: string, name: string): Promise<number> {
  return withRegistryLock(workspaceRoot, async (file, text) => {
    const edit = allocateInText(file, text, name);
    if (edit.text !== text) await replaceRegistry(file, edit.text);
    return edit.port;
  });
}

/** Frees the machine's port. Returns the port, or undefined when the machine had none. */
export async function releasePort(workspaceRoot: string, name: string): Promise<number | undefined> {
  return withRegistryLock(workspaceRoot, async (file, text) => {
    const edit = releaseInText(file, text, name);
    if (edit !== undefined) await replaceRegistry(file, edit.text);
    return edit?.port;
  });
}

/** Reads the registry and acts on it while no other process of this kind may. */
async function withRegistryLock<T>(
  workspaceRoot: string,
  action: (file: string, text: string) => Promise<T>,
): Promise<T> {
  const file = join(workspaceRoot, PORT_REGISTRY_FILE);
  return withLock(file, async () => {
    const text = await readFile(file, 'utf8').catch((error: unknown) => {
      throw hasErrorCode(error, 'ENOENT') ? new PortRegistryMissingError(file) : error;
    });
    return action(file, text);
  });
}

async function replaceRegistry(file: string, text: string): Promise<void> {
  await writeAside(file, text, (await stat(file)).mode & 0o777);
}
