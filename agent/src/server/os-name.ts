import { readFile } from 'node:fs/promises';
import { release, type } from 'node:os';

/** Name and release of the distribution without what changes within a release, such as `Ubuntu 24.04`. */
export async function osRelease(file = '/etc/os-release'): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const field = (name: string) => new RegExp(`^${name}="?([^"\\n]*)"?$`, 'm').exec(text)?.[1];
  return [field('NAME') ?? type(), field('VERSION_ID')].filter((part) => part !== undefined).join(' ');
}

/** The distribution's own name of itself, such as `Ubuntu 24.04.1 LTS`; os-release(5). */
export async function osName(file = '/etc/os-release'): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const name = /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(text)?.[1];
  return name ?? `${type()} ${release()}`;
}
