import { createReadStream, createWriteStream, type ReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { OvaMember } from './members.js';

/** A stream over one member's content. */
export function openMember(file: string, { offset, size }: OvaMember): ReadStream {
  // `end` is inclusive, so an empty member cannot be expressed by it.
  return size === 0
    ? createReadStream('/dev/null')
    : createReadStream(file, { start: offset, end: offset + size - 1, highWaterMark: 1024 * 1024 });
}

/** One member's whole content; for the small ones (descriptor, manifest). */
export async function readMember(file: string, member: OvaMember): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of openMember(file, member)) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Writes one member's content to a file of its own. */
export async function extractMember(file: string, member: OvaMember, to: string, signal?: AbortSignal): Promise<void> {
  await pipeline(openMember(file, member), createWriteStream(to), { signal });
}
