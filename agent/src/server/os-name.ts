import { readFile } from 'node:fs/promises';
import { release, type } from 'node:os';

/** The distribution's own name of itself, such as `Ubuntu 24.04.1 LTS`; os-release(5). */
export async function osName(file = '/etc/os-release'): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const name = /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(text)?.[1];
  return name ?? `${type()} ${release()}`;
}
