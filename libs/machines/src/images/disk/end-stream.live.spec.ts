import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endStream } from './end-stream.js';
import { convertDisk } from './qemu-img.js';

const MIB = 1024 ** 2;
const marker = Buffer.alloc(512);

describe('the end of a streamOptimized disk', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stream-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function stream(content: Buffer): Promise<string> {
    const raw = join(folder, 'raw');
    const vmdk = join(folder, 'disk.vmdk');
    await writeFile(raw, content);
    await convertDisk({
      from: { file: raw, format: 'raw' },
      to: { file: vmdk, format: 'vmdk', streamOptimized: true },
    });
    return vmdk;
  }

  it.each([
    ['empty', Buffer.alloc(4 * MIB)],
    ['with one grain', Buffer.concat([randomBytes(100), Buffer.alloc(4 * MIB - 100)])],
    ['full', randomBytes(3 * MIB)],
    ['with holes', Buffer.concat([randomBytes(MIB), Buffer.alloc(2 * MIB), randomBytes(MIB), Buffer.alloc(MIB)])],
  ])('is its marker, and nothing of it is lost: %s', async (_, content) => {
    const vmdk = await stream(content);
    const file = await readFile(vmdk);
    expect(file.length % 512).toBe(0);
    expect(file.subarray(-512).equals(marker)).toBe(true);
    // What lies before it is a grain's: its deflate stream ends with a checksum (RFC 1950).
    if (content.some((byte) => byte !== 0)) expect(file.subarray(-1024, -512).equals(marker)).toBe(false);
    const back = join(folder, 'back');
    await convertDisk({ from: { file: vmdk, format: 'vmdk' }, to: { file: back, format: 'raw' } });
    expect((await readFile(back)).equals(content)).toBe(true);
  });

  it('stays where it is when it is sought again, and is found behind tables', async () => {
    const vmdk = await stream(randomBytes(MIB));
    const file = await readFile(vmdk);
    await endStream(vmdk);
    expect((await readFile(vmdk)).equals(file)).toBe(true);

    // A grain directory as VMware writes it: a marker that says how many sectors follow, and of which type.
    const table = Buffer.alloc(3 * 512, 1);
    table.fill(0, 0, 512);
    table.writeBigUInt64LE(2n, 0);
    table.writeUInt32LE(2, 12);
    const whole = Buffer.concat([file.subarray(0, -512), table, marker]);
    await writeFile(vmdk, Buffer.concat([whole, Buffer.alloc(65_536)]));
    await endStream(vmdk);
    expect((await readFile(vmdk)).equals(whole)).toBe(true);
  });

  it('is not sought in a file that is no such disk', async () => {
    const other = join(folder, 'other');
    await writeFile(other, 'x'.repeat(2000));
    await expect(endStream(other)).rejects.toMatchObject({ code: 'disk-conversion-failed' });
  });
});
