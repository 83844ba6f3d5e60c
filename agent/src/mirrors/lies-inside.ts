import { realpath } from 'node:fs/promises';
import { sep } from 'node:path';

/**
 * Whether a path, with all links on the way to it followed, is a mirror's tree or lies in it.
 * @throws ENOENT or ENOTDIR where it is not there.
 */
export async function liesInside(tree: string, path: string): Promise<boolean> {
  const root = await realpath(tree);
  const real = await realpath(path);
  return real === root || real.startsWith(root + sep);
}
