import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What a folder holds: path → kind, permission bits and content digest. Two folders are the same when this is equal.
 * @param leaveOut names of entries that are not looked at, at any depth.
 */
export function contentsOf(folder: string, leaveOut: readonly string[] = []): Record<string, string> {
  const found: Record<string, string> = {};
  const visit = (path: string): void => {
    for (const name of readdirSync(join(folder, path))) {
      if (leaveOut.includes(name)) continue;
      const below = path === '' ? name : `${path}/${name}`;
      const full = join(folder, below);
      const stat = lstatSync(full);
      if (stat.isSymbolicLink()) found[below] = `link to ${readlinkSync(full)}`;
      else if (stat.isDirectory()) {
        found[below] = 'folder';
        visit(below);
      } else found[below] = `${(stat.mode & 0o777).toString(8)} ${sha256(readFileSync(full))}`;
    }
  };
  visit('');
  return found;
}

/** Files below a folder with a given name. */
export function filesNamed(folder: string, name: string): string[] {
  return Object.entries(contentsOf(folder))
    .filter(([path, content]) => content !== 'folder' && path.split('/').at(-1) === name)
    .map(([path]) => join(folder, path));
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
