import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrno } from '../durable/errno.js';

/** Regular files below a folder, as paths relative to it, sorted. Links are neither listed nor followed. */
export async function listFiles(folder: string): Promise<string[]> {
  const found: string[] = [];
  const visit = async (below: string): Promise<void> => {
    for (const entry of await entriesOf(join(folder, below))) {
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) await visit(path);
      else if (entry.isFile()) found.push(path);
    }
  };
  await visit('');
  return found.sort();
}

/** Names of the regular files in a folder. */
export async function topFiles(folder: string): Promise<string[]> {
  return (await entriesOf(folder)).filter((entry) => entry.isFile()).map(({ name }) => name);
}

async function entriesOf(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}
