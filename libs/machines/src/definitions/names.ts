import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { hasErrorCode } from '../disk/missing.js';

/** Names of the folders in `machines/` that hold a machine.yml, sorted; none where there is no such folder. */
export async function machineNames(workspaceRoot: string): Promise<string[]> {
  const folder = join(workspaceRoot, 'machines');
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    if (hasErrorCode(error, 'ENOENT')) return [];
    throw error;
  });
  const names = await Promise.all(
    entries
      .filter((entry) => entry.isDirectory())
      .map(async ({ name }) =>
        access(join(folder, name, 'machine.yml')).then(
          () => name,
          () => undefined,
        ),
      ),
  );
  return names.filter((name) => name !== undefined).sort();
}
