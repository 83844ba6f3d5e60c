import { copyFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { diskSizes, imageFiles, packOva, sha256OfFile } from '@build-machines/machines';
import { execa } from 'execa';

/** An appliance of another digest with the same disk: to a machine it is a new image, and it costs no build. */
export async function otherAppliance(image: string, ova: string): Promise<void> {
  const work = await mkdtemp(join(dirname(ova), '.repack-'));
  try {
    await execa('tar', ['-xf', image, '-C', work]);
    const disk = (await readdir(work)).find((name) => name.endsWith('.vmdk'));
    if (disk === undefined) throw new Error(`${image} holds no disk`);
    const vmdk = join(work, disk);
    const { capacityBytes } = await diskSizes(vmdk);
    const machine = { name: 'box', cpus: 2, memoryMiB: 2048, annotation: 'another image' };
    await packOva({ ova, vmdk, machine, diskCapacityBytes: capacityBytes });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  await writeFile(imageFiles(ova).checksum, `${await sha256OfFile(ova)}  ${basename(ova)}\n`);
  await copyFile(imageFiles(image).password, imageFiles(ova).password);
}
