import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { knownContent, readStatCache, updateStatCache, type HashedFile } from './stat-cache.js';

const SECOND = 1_000_000_000n;
const held = { size: 3, mtimeNs: 100n * SECOND + 5n, ctimeNs: 100n * SECOND + 5n, ino: 7n };
const stat = { ...held };
const hashed: HashedFile = { ...held, sha256: 'a'.repeat(64), hashedAtNs: 200n * SECOND };
const known = (file: HashedFile, now = stat, wantsNxHash = false) =>
  knownContent(new Map([['f', file]]), 'f', now, wantsNxHash)?.sha256;

describe('the digest of a file by its stat data', () => {
  it('is known while nothing changed', () => {
    expect(known(hashed)).toBe('a'.repeat(64));
  });

  it.each([
    ['size', { size: 4 }],
    ['modification time', { mtimeNs: 100n * SECOND }],
    ['change time, as with a modification time that was set back', { ctimeNs: 101n * SECOND + 1n }],
    ['inode, as with a file that was renamed over it', { ino: 8n }],
  ])('is not known with another %s', (_, change) => {
    expect(known(hashed, { ...stat, ...change })).toBeUndefined();
  });

  it('is not known to whom wants the hash of Nx, too, until it was taken', () => {
    expect(known(hashed, stat, true)).toBeUndefined();
    expect(known({ ...hashed, nxHash: '1' }, stat, true)).toBe('a'.repeat(64));
  });

  it('is not known when the file had changed in the very moment of the hashing, or after it', () => {
    expect(known({ ...hashed, hashedAtNs: stat.ctimeNs })).toBeUndefined();
    expect(known({ ...hashed, hashedAtNs: stat.ctimeNs + 10_000_000n })).toBeUndefined();
    expect(known({ ...hashed, hashedAtNs: stat.ctimeNs + 60_000_000n })).toBeDefined();
  });

  it('is trusted later where time stamps are whole seconds', () => {
    const coarse = { ...stat, ctimeNs: 100n * SECOND };
    expect(known({ ...hashed, ...coarse, hashedAtNs: 101n * SECOND }, coarse)).toBeUndefined();
    expect(known({ ...hashed, ...coarse, hashedAtNs: 103n * SECOND }, coarse)).toBeDefined();
  });
});

describe('the stored cache', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bmc-'));
    file = join(folder, 'cache.json');
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('keeps what processes at the same time put into it', async () => {
    await Promise.all(
      Array.from({ length: 8 }, (_, n) => updateStatCache(file, new Map([[`f${String(n)}`, hashed]]), () => false)),
    );
    expect([...(await readStatCache(file)).keys()].sort()).toEqual(
      Array.from({ length: 8 }, (_, n) => `f${String(n)}`),
    );
  });

  it('starts afresh when it is damaged', async () => {
    await writeFile(file, '{"version":1,"fil');
    expect((await readStatCache(file)).size).toBe(0);
    await updateStatCache(file, new Map([['f', hashed]]), () => false);
    expect((await readStatCache(file)).get('f')).toEqual(hashed);
  });
});
