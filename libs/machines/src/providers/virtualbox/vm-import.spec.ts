import { makeTemporaryFolder } from '@build-machines/owned-files';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packOva } from '../../images/ova/pack-ova.js';
import type { VBoxAnswer } from './parse/explain-failure.js';
import type { VBoxRunner } from './runner/vbox-runner.js';
import { vmImport } from './vm-import.js';

// The import as such is tried with the real VBoxManage (e2e/machines/virtualbox); when that doubts a digest is chance.
describe('a VirtualBox that finds a wrong digest', () => {
  let folder: string;
  let ova: string;
  beforeEach(async () => {
    folder = await makeTemporaryFolder(join(tmpdir(), 'import-'));
    ova = join(folder, 'image.ova');
    const vmdk = join(folder, 'disk.vmdk');
    await writeFile(vmdk, 'the disk');
    const machine = { name: 'box', cpus: 1, memoryMiB: 512, annotation: 'test' };
    await packOva({ ova, vmdk, machine, diskCapacityBytes: 1024 ** 2 });
  });
  afterEach(() => rm(folder, { recursive: true }));

  const done = (stdout = ''): VBoxAnswer => ({ exitCode: 0, stdout, stderr: '' });
  const doubt: VBoxAnswer = {
    exitCode: 1,
    stdout: '',
    stderr:
      "VBoxManage: error: Digest mismatch (VERR_NOT_EQUAL): Attribute 'SHA256' on 'image-disk001.vmdk' does not match ('6874' vs. 'ef67')\n",
  };

  const info = 'name="box"\nUUID="1"\nVMState="poweroff"\ncpus=1\nmemory=512\nnic1="nat"\n';

  /** Answers what an import asks, and its first imports with `doubts`. */
  async function importing(doubts: number, onStage?: () => Promise<void>): Promise<number> {
    let imports = 0;
    const runner: VBoxRunner = {
      where: 'on this computer',
      run: ([command = '']) => {
        if (command === '--version') return Promise.resolve(done('7.2.4r170995\n'));
        if (command === 'showvminfo') return Promise.resolve(done(info));
        if (command !== 'import') return Promise.resolve(done());
        imports += 1;
        return Promise.resolve(imports <= doubts ? doubt : done());
      },
      stage: async (path) => {
        await onStage?.();
        return { path, release: () => Promise.resolve() };
      },
      serialLog: () => Promise.resolve(join(folder, 'serial.log')),
      readSerialLog: () => Promise.resolve(''),
      removeSerialLog: () => Promise.resolve(),
    };
    await vmImport({
      runner,
      vm: 'box',
      image: { ova, version: '20260420' },
      existing: 'refuse',
      network: { mode: 'nat' },
      cpus: 1,
      memoryMiB: 512,
      autostart: false,
      start: false,
    });
    return imports;
  }

  it('is asked again, when the appliance is in order', async () => {
    expect(await importing(2)).toBe(3);
  });

  it('is not asked for ever, and the appliance is not called changed', async () => {
    await expect(importing(Infinity)).rejects.toMatchObject({
      code: 'vboxmanage-digest',
      message: `VirtualBox on this computer finds a wrong digest in ${ova}, which has the right ones`,
    });
  });

  it('is right about an appliance that was changed after we had looked', async () => {
    const change = async (): Promise<void> => {
      const content = await readFile(ova);
      content.write('THE DISK', content.lastIndexOf('the disk'));
      await writeFile(ova, content);
    };
    await expect(importing(Infinity, change)).rejects.toMatchObject({ code: 'ova-tampered' });
  });
});
