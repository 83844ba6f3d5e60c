import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lock } from 'proper-lockfile';
import { LockHeldError, withLock } from './with-lock.js';

describe('a lock', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lock-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('lets one at a time do its work', async () => {
    let inside = 0;
    const work = async (): Promise<number> => {
      inside++;
      await new Promise((resolve) => setImmediate(resolve));
      return inside--;
    };
    const file = join(folder, 'file');
    expect(await Promise.all([1, 2, 3].map(() => withLock(file, work)))).toEqual([1, 1, 1]);
  });

  it('tells who waits too long what to remove', async () => {
    const file = join(folder, 'file');
    const release = await lock(file, { realpath: false });
    await expect(withLock(file, () => Promise.resolve(), 100)).rejects.toThrow(LockHeldError);
    await expect(withLock(file, () => Promise.resolve(), 100)).rejects.toMatchObject({
      hint: expect.stringContaining(`${file}.lock`),
    });
    await release();
  });

  it('that somebody else took over or removed does not fail the work that is done', async () => {
    const file = join(folder, 'file');
    const taken = withLock(file, async () => {
      await rm(`${file}.lock`, { recursive: true });
      return 'done';
    });
    expect(await taken).toBe('done');
  });
});
