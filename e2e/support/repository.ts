import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The repository under test. */
export const repository = resolve(__dirname, '../..');

/** What the tests download; ignored by git, may be deleted at any time. */
export const downloads = join(repository, '.cache/e2e');

/** A program of the built plugin. Tests drive what users get, so it must have been built. */
export function builtFile(path: string): string {
  const file = join(repository, 'libs/build-machines/dist', path);
  if (!existsSync(file)) throw new Error(`${file} is missing: run \`npm run build\` first`);
  return file;
}
