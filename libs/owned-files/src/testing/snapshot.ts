import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** Everything in a folder by path: kind, mode and content, links unfollowed. Two folders are alike when this is equal. */
export function snapshot(folder: string): Record<string, string> {
  const seen: Record<string, string> = {};
  const look = (path: string): void => {
    for (const name of readdirSync(join(folder, path))) {
      const below = path === '' ? name : `${path}/${name}`;
      const full = join(folder, below);
      const stat = lstatSync(full);
      const mode = (stat.mode & 0o7777).toString(8);
      if (stat.isSymbolicLink()) seen[below] = `link ${readlinkSync(full)}`;
      else if (stat.isDirectory()) seen[below] = `folder ${mode}`;
      else if (stat.isFile()) seen[below] = `file ${mode} ${readFileSync(full, 'base64')}`;
      else seen[below] = `device ${mode}`;
      if (stat.isDirectory()) look(below);
    }
  };
  look('');
  return seen;
}
