import { readJsonFile, writeAside } from '@build-machines/machines';
import { z } from 'zod';
import { Sha256 } from '@build-machines/protocol';
import { withStateLock } from './state-lock.js';
import type { FileStat } from './source-disk.js';

/** What was known of a file when it was hashed. Times in nanoseconds since 1970, of the file system's clock. */
export interface HashedFile {
  readonly size: number;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly ino: bigint;
  readonly sha256: string;
  /** Nx's hash of the content; undefined where nobody asked for it. */
  readonly nxHash?: string;
  /** A time before which the hashing did not begin. */
  readonly hashedAtNs: bigint;
}

export type StatCache = ReadonlyMap<string, HashedFile>;

const Nanoseconds = z.string().regex(/^-?\d+$/);
const Row = z.tuple([z.number(), Nanoseconds, Nanoseconds, Nanoseconds, Sha256, Nanoseconds, z.string().nullable()]);
const StatCacheFile = z.object({ version: z.literal(2), files: z.record(z.string(), Row) });

/** Time stamps are no finer than the kernel's tick (4 to 10 ms); whole seconds hint at a file system of 1 to 2 s. */
const FINE_NS = 50_000_000n;
const COARSE_NS = 2_000_000_000n;

/**
 * What is known of a file whose stat data are as they were when it was hashed. Undefined when anything differs, or when
 * the file was changed so shortly before it was hashed that a later change could have left the same stat data ("racily
 * clean" in git's words). The change time catches a modification time that was set back.
 */
export function knownContent(
  cache: StatCache,
  path: string,
  now: FileStat,
  wantsNxHash: boolean,
): HashedFile | undefined {
  const then = cache.get(path);
  if (then === undefined || (wantsNxHash && then.nxHash === undefined)) return undefined;
  const same =
    then.size === now.size && then.mtimeNs === now.mtimeNs && then.ctimeNs === now.ctimeNs && then.ino === now.ino;
  if (!same) return undefined;
  const grain = now.ctimeNs % 1_000_000_000n === 0n ? COARSE_NS : FINE_NS;
  return now.ctimeNs + grain < then.hashedAtNs ? then : undefined;
}

/** Reads the cache; empty when there is none or it is damaged. */
export async function readStatCache(file: string): Promise<Map<string, HashedFile>> {
  const stored = await readJsonFile(file, StatCacheFile);
  const rows = Object.entries(stored?.files ?? {});
  return new Map(rows.map(([path, row]) => [path, fromRow(row)]));
}

/**
 * Merges what a scan found into the stored cache: `forget` is dropped, `learned` added. Other processes' work on other
 * paths is kept.
 */
export async function updateStatCache(
  file: string,
  learned: StatCache,
  forget: (path: string) => boolean,
): Promise<void> {
  await withStateLock(file, async () => {
    const merged = await readStatCache(file);
    for (const path of merged.keys()) if (forget(path)) merged.delete(path);
    for (const [path, entry] of learned) merged.set(path, entry);
    const files = Object.fromEntries([...merged].map(([path, entry]) => [path, toRow(entry)]));
    await writeAside(file, JSON.stringify({ version: 2, files }), 0o600);
  });
}

function toRow({ size, mtimeNs, ctimeNs, ino, sha256, hashedAtNs, nxHash }: HashedFile): z.infer<typeof Row> {
  return [size, String(mtimeNs), String(ctimeNs), String(ino), sha256, String(hashedAtNs), nxHash ?? null];
}

function fromRow([size, mtimeNs, ctimeNs, ino, sha256, hashedAtNs, nxHash]: z.infer<typeof Row>): HashedFile {
  return {
    size,
    mtimeNs: BigInt(mtimeNs),
    ctimeNs: BigInt(ctimeNs),
    ino: BigInt(ino),
    sha256,
    hashedAtNs: BigInt(hashedAtNs),
    nxHash: nxHash ?? undefined,
  };
}
