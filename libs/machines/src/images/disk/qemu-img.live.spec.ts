import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { convertDisk, createOverlay, refuseOtherFiles } from './qemu-img.js';

describe('a disk from elsewhere', () => {
  let folder: string;
  let disk: string;
  let secret: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'disk-'));
    disk = join(folder, 'disk.vmdk');
    secret = join(folder, 'id_ed25519');
    await writeFile(secret, 'SECRET'.padEnd(65_536, '.'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is taken when it is all in its own file, as those of appliances are', async () => {
    const raw = join(folder, 'raw');
    await execa('qemu-img', ['create', '-q', '-f', 'raw', raw, '1M']);
    await convertDisk({
      from: { file: raw, format: 'raw' },
      to: { file: disk, format: 'vmdk', streamOptimized: true },
    });
    await refuseOtherFiles(disk, 'vmdk');
  });

  it.each(['absolute', 'relative'])(
    'is refused when it takes in a file of this computer by its %s path',
    async (how) => {
      const extent = how === 'absolute' ? secret : 'id_ed25519';
      const text = `# Disk DescriptorFile\nversion=1\nCID=11111111\nparentCID=ffffffff\ncreateType="monolithicFlat"\n\nRW 128 FLAT "${extent}" 0\n`;
      await writeFile(disk, text.padEnd(2048, '\0'));
      await expect(refuseOtherFiles(disk, 'vmdk')).rejects.toMatchObject({
        code: 'disk-reaches-out',
        details: { parts: [secret] },
      });
      // What it is refused for: the content would have come along.
      const copy = join(folder, 'copy');
      await convertDisk({ from: { file: disk, format: 'vmdk' }, to: { file: copy, format: 'raw' } });
      expect((await readFile(copy, 'utf8')).slice(0, 6)).toBe('SECRET');
    },
  );

  it('is refused when it has a backing file', async () => {
    const base = join(folder, 'base.qcow2');
    await execa('qemu-img', ['create', '-q', '-f', 'qcow2', base, '1M']);
    await createOverlay(join(folder, 'over.qcow2'), base);
    await expect(refuseOtherFiles(join(folder, 'over.qcow2'), 'qcow2')).rejects.toMatchObject({
      code: 'disk-reaches-out',
    });
  });
});
