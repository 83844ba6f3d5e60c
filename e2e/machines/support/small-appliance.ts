import { join } from 'node:path';
import { convertDisk, packOva } from '@build-machines/machines';
import { execa } from 'execa';

/** A real appliance of a few kilobytes: an empty disk of 64 MiB. `salt` makes its content another one. */
export async function smallAppliance(folder: string, name: string, salt = 0): Promise<string> {
  const raw = join(folder, `${name}.raw`);
  const vmdk = join(folder, `${name}.vmdk`);
  const ova = join(folder, `${name}.ova`);
  await execa('truncate', ['-s', '64M', raw]);
  await execa('dd', [`of=${raw}`, 'conv=notrunc', 'status=none'], { input: `disk ${name} ${salt}` });
  await convertDisk({ from: { file: raw, format: 'raw' }, to: { file: vmdk, format: 'vmdk', streamOptimized: true } });
  await packOva({
    ova,
    vmdk,
    machine: { name: 'haskell-build', cpus: 1, memoryMiB: 512, annotation: 'test' },
    diskCapacityBytes: 64 * 1024 ** 2,
  });
  return ova;
}
