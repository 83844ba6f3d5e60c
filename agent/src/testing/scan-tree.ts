import { createHash } from 'node:crypto';
import { lstatSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { TreeEntry } from '@build-machines/protocol';

/** All files and links below a folder, as a client would list them. */
export function scanTree(root: string, below = ''): TreeEntry[] {
  return readdirSync(join(root, below)).flatMap((name): TreeEntry[] => {
    const path = below === '' ? name : `${below}/${name}`;
    const file = join(root, path);
    const stats = lstatSync(file);
    if (stats.isSymbolicLink()) return [{ kind: 'symlink', path, target: readlinkSync(file) }];
    if (stats.isDirectory()) return scanTree(root, path);
    const content = readFileSync(file);
    const sha256 = createHash('sha256').update(content).digest('hex');
    return [{ kind: 'file', path, size: content.length, sha256, mode: stats.mode & 0o777 }];
  });
}

/** Contents of all files of a folder by digest. */
export function contentsOf(root: string): Map<string, Buffer> {
  const contents = new Map<string, Buffer>();
  for (const entry of scanTree(root))
    if (entry.kind === 'file') contents.set(entry.sha256, readFileSync(join(root, entry.path)));
  return contents;
}
