import { lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { TOOL_FOLDERS } from '@build-machines/haskell';
import type { SourceList } from './source-list.js';

/** The list of everything in a folder that no Nx workspace knows, such as the program of the smoke test. */
export function everythingIn(folder: string): SourceList {
  const files: string[] = [];
  const links = new Map<string, string>();
  const executables = new Set<string>();
  const skipped = new Set<string>(TOOL_FOLDERS);
  const enter = (below: string): void => {
    for (const entry of readdirSync(join(folder, below), { withFileTypes: true })) {
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory() && !skipped.has(entry.name)) enter(path);
      if (entry.isSymbolicLink()) links.set(path, readlinkSync(join(folder, path)));
      if (!entry.isFile()) continue;
      files.push(path);
      const mode = lstatSync(join(folder, path), { throwIfNoEntry: false })?.mode ?? 0;
      if ((mode & 0o100) !== 0) executables.add(path);
    }
  };
  enter('');
  return { files: files.sort(), links, executables, folders: ['.'], hashes: new Map() };
}
