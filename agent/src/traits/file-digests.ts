import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hashFile } from '../content/hash-file.js';

/** Digits of a digest that stands for a content in traits. */
const SHORT = 12;

/**
 * Digests of files, kept as long as a file has the same times, size and inode: not even a content whose modification
 * time was set back goes unnoticed, because the change time cannot be set. Asking again costs a stat.
 */
export class FileDigests {
  readonly #known = new Map<string, { state: string; digest: Promise<string> }>();

  /** @param homes folders that mean the same on each machine: their paths in texts count as `~`. */
  constructor(private readonly homes: readonly string[]) {}

  /** Digest of a file's bytes; undefined where there is no such file. Links are followed. */
  bytes(file: string): Promise<string | undefined> {
    return this.#kept(file, 'bytes', () => hashFile(file));
  }

  /** Digest of a text, with home folders replaced by `~` and then what `read` makes of it. */
  text(file: string, read: (text: string) => string = (text) => text): Promise<string | undefined> {
    return this.#kept(file, 'text', async () => digestOf(read(this.withoutHomes(await readFile(file, 'utf8')))));
  }

  /** Digest of all files below a folder, by path and content; of a file its own. */
  async tree(path: string): Promise<string | undefined> {
    const entries = await readdir(path, { withFileTypes: true }).catch(() => null);
    if (entries === null) return this.bytes(path);
    const parts: string[] = [];
    for (const { name } of entries.sort((a, b) => (a.name < b.name ? -1 : 1)))
      parts.push(`${name}\0${(await this.tree(join(path, name))) ?? ''}`);
    return digestOf(parts.join('\n')).slice(0, SHORT);
  }

  /** A value that is made of a file's content, made anew when the file has changed. */
  async derived(file: string, kind: string, make: () => Promise<string>): Promise<string | undefined> {
    const state = await stateOf(file);
    if (state === undefined) return undefined;
    const key = `${kind}\0${file}`;
    const known = this.#known.get(key);
    if (known?.state === state) return known.digest;
    const digest = make();
    this.#known.set(key, { state, digest });
    digest.catch(() => this.#known.delete(key));
    return digest;
  }

  withoutHomes(text: string): string {
    return this.homes.filter((home) => home !== '/').reduce((rest, home) => rest.replaceAll(home, '~'), text);
  }

  async #kept(file: string, kind: string, make: () => Promise<string>): Promise<string | undefined> {
    try {
      return (await this.derived(file, kind, make))?.slice(0, SHORT);
    } catch {
      // Gone since, or not to be read by us: then a build cannot read it either.
      return undefined;
    }
  }
}

/** What tells that a file is the one it was; undefined where it is none. */
async function stateOf(file: string): Promise<string | undefined> {
  const now = await stat(file, { bigint: true }).catch(() => undefined);
  return now?.isFile() !== true ? undefined : [now.mtimeNs, now.ctimeNs, now.size, now.ino, now.dev].join(' ');
}

export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
