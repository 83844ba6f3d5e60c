import { dirname, join } from 'node:path';
import type { SourceFiles } from '../files/source-files.js';

/** Absolute folders of the git submodules, of the repositories that a folder is in, that are not checked out. */
export function absentSubmodules(folder: string, files: SourceFiles): string[] {
  const above = dirname(folder);
  const text = files.read(join(folder, '.gitmodules')) ?? '';
  const absent = [...text.matchAll(/^\s*path\s*=\s*(.*?)\s*$/gm)]
    .map(([, path = '']) => join(folder, path))
    .filter((submodule) => files.list(submodule).length === 0);
  return above === folder ? absent : [...absent, ...absentSubmodules(above, files)];
}
