import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';

/** How a repository names its objects. */
export type ObjectFormat = 'sha1' | 'sha256';

/** A file of a repository, relative to its `.git`. */
export interface RepositoryFile {
  readonly path: string;
  readonly content: Buffer;
}

export function formatOf(id: string): ObjectFormat {
  return id.length === 64 ? 'sha256' : 'sha1';
}

/** An object as git keeps it in a file of its own (gitformat-loose). */
export function looseObject(
  type: 'commit' | 'tag' | 'tree',
  content: Buffer,
  format: ObjectFormat,
): RepositoryFile & { readonly id: string } {
  const whole = Buffer.concat([Buffer.from(`${type} ${content.length}\0`), content]);
  const id = createHash(format).update(whole).digest('hex');
  return { id, path: `objects/${id.slice(0, 2)}/${id.slice(2)}`, content: deflateSync(whole) };
}

/**
 * An index with one added, empty file that git looks for nowhere (gitformat-index, version 3): by it, git takes the work
 * tree for changed.
 */
export function indexWithAddedFile(name: string, emptyBlob: string, format: ObjectFormat): Buffer {
  const header = Buffer.concat([Buffer.from('DIRC'), uint32(3), uint32(1)]);
  const times = Buffer.alloc(24); // Times, device and inode, of which git takes none for a file that it does not look for.
  const EXTENDED = 0x4000;
  const SKIP_WORKTREE = 0x4000;
  const entry = Buffer.concat([
    times,
    uint32(0o100644),
    Buffer.alloc(12), // User, group and size.
    Buffer.from(emptyBlob, 'hex'),
    uint16(EXTENDED | Buffer.byteLength(name)),
    uint16(SKIP_WORKTREE),
    Buffer.from(name),
  ]);
  const padding = Buffer.alloc(8 - (entry.length % 8));
  const index = Buffer.concat([header, entry, padding]);
  return Buffer.concat([index, createHash(format).update(index).digest()]);
}

function uint32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE(value);
  return buffer;
}

function uint16(value: number): Buffer {
  const buffer = Buffer.alloc(2);
  buffer.writeUInt16BE(value);
  return buffer;
}
