import { join } from 'node:path';
import { readJsonFile } from '@nx/devkit';

/** The version of build-machines that is running, from the package.json three folders up (in sources and in dist). */
export function ownVersion(): string {
  return readJsonFile<{ version: string }>(join(__dirname, '..', '..', '..', 'package.json')).version;
}
