import { copyFile, mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { execa } from 'execa';
import {
  BridgedInterfaceError,
  destroyVm,
  HypervisorDriverError,
  localRunner,
  OvaMalformedError,
  OvaPaxError,
  OvaTamperedError,
  OvaTruncatedError,
  previousVmName,
  sha256OfFile,
  VBoxManage,
  VBoxManageFailedError,
  VBoxManageMissingError,
  VmExistsError,
  vmImport,
  type VmImportOptions,
  vmInfo,
  VmNotRunningError,
  vmRollback,
  VmUnknownError,
} from '@build-machines/machines';
import { rig, vboxManageProgram } from './support/rigs.js';
import { smallAppliance } from './support/small-appliance.js';

/** The real VBoxManage 7.2 in a chroot: everything but a VM that runs, for which there is no kernel driver. */
describe('importing an appliance into the real VirtualBox', () => {
  let chroot: string;
  let folder: string;
  let first: string;
  let second: string;
  let vbox: VBoxManage;
  let bridge: string;

  const runner = (): ReturnType<typeof localRunner> =>
    localRunner({
      program: vboxManageProgram,
      logFolder: join(folder, 'logs'),
      // VMs and VBoxSVC of this test only.
      env: environment(),
    });
  const environment = (): Record<string, string> => ({
    VBOX_CHROOT: chroot,
    VBOX_USER_HOME: join(folder, 'home'),
    VBOX_IPC_SOCKETID: `bm-${process.pid}`,
  });

  const importing = (options: Partial<VmImportOptions> = {}): ReturnType<typeof vmImport> =>
    vmImport({
      runner: runner(),
      vm: 'haskell-build',
      image: { ova: first, version: '20260420' },
      existing: 'refuse',
      network: { mode: 'bridged', interface: bridge },
      cpus: 2,
      memoryMiB: 1024,
      autostart: false,
      start: false,
      ...options,
    });

  beforeAll(async () => {
    chroot = await rig('vbox-chroot');
    // Under /tmp, which the chroot sees; short, for VBoxSVC's socket.
    folder = await mkdtemp(join(tmpdir(), 'vb-'));
    await mkdir(join(folder, 'home'));
    vbox = new VBoxManage(runner());
    await execa(vboxManageProgram, ['setproperty', 'machinefolder', join(folder, 'vms')], {
      env: environment(),
    });
    first = await smallAppliance(folder, 'haskell-build-20260420', 1);
    second = await smallAppliance(folder, 'haskell-build-20260421', 2);
    bridge = (await vbox.bridgedInterfaces())[0]?.name ?? '';
  }, 600_000);

  afterAll(async () => {
    for (const vm of await vbox.listVms()) await destroyVm(vbox, vm.uuid);
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  afterEach(async () => {
    for (const vm of await vbox.listVms()) await destroyVm(vbox, vm.uuid);
  });

  it('understands its version, its warning about the driver included', async () => {
    expect((await vbox.requireVersion())[0]).toBeGreaterThanOrEqual(7);
  });

  it('comes out bridged, with the CPUs and memory of the machine, its console in a file', async () => {
    const { vm, outcome, info } = await importing();
    expect({ vm, outcome }).toEqual({ vm: 'haskell-build', outcome: 'imported' });
    expect(info).toMatchObject({
      state: 'poweroff',
      cpus: 2,
      memoryMiB: 1024,
      network: 'bridged',
      bridgedInterface: bridge,
      serialLog: join(folder, 'logs', 'haskell-build.serial.log'),
      image: await sha256OfFile(first),
    });
  });

  it('does nothing the second time', async () => {
    const { info } = await importing();
    const again = await importing();
    expect(again.outcome).toBe('unchanged');
    expect(again.info.uuid).toBe(info.uuid);
    expect(await vbox.listVms()).toHaveLength(1);
  });

  it('refuses to guess what shall become of a VM made from another image', async () => {
    await importing();
    const refusal = importing({ image: { ova: second, version: '20260421' } });
    await expect(refusal).rejects.toThrow(VmExistsError);
    await expect(refusal).rejects.toMatchObject({ hint: expect.stringContaining('--replace') });
  });

  it('puts the new image in the place of the old one, and goes back', async () => {
    const old = (await importing()).info.uuid;
    const replaced = await importing({ image: { ova: second, version: '20260421' }, existing: 'replace' });
    expect(replaced.outcome).toBe('replaced');
    expect(replaced.info.uuid).not.toBe(old);
    expect((await vmInfo(vbox, previousVmName('haskell-build'))).uuid).toBe(old);

    await vmRollback(vbox, 'haskell-build', { start: false });
    expect((await vmInfo(vbox, 'haskell-build')).uuid).toBe(old);
    expect((await vmInfo(vbox, previousVmName('haskell-build'))).uuid).toBe(replaced.info.uuid);
  });

  it('keeps the old VM as it was when the new one does not start', async () => {
    const old = (await importing()).info.uuid;
    await expect(
      importing({ image: { ova: second, version: '20260421' }, existing: 'replace', start: true }),
    ).rejects.toThrow(HypervisorDriverError);
    expect(await vbox.listVms()).toEqual([{ name: 'haskell-build', uuid: old }]);
  });

  it('imports alongside under a name of its own', async () => {
    await importing();
    const { vm } = await importing({ image: { ova: second, version: '20260421' }, existing: 'alongside' });
    expect(vm).toBe('haskell-build-20260421');
    expect((await vbox.listVms()).map(({ name }) => name).sort()).toEqual(['haskell-build', 'haskell-build-20260421']);
  });

  it('says that VirtualBox cannot start a VM, and how to mend its driver', async () => {
    const start = importing({ start: true });
    await expect(start).rejects.toThrow(HypervisorDriverError);
    await expect(start).rejects.toMatchObject({ hint: expect.stringContaining('vboxconfig') });
  });

  it('names the interfaces when the wanted one does not exist, and imports nothing', async () => {
    const refusal = importing({ network: { mode: 'bridged', interface: 'nosuchif0' } });
    await expect(refusal).rejects.toThrow(BridgedInterfaceError);
    await expect(refusal).rejects.toThrow(bridge);
    expect(await vbox.listVms()).toEqual([]);
  });

  it('names VMs that do not exist or do not run', async () => {
    await expect(vmInfo(vbox, 'nosuch')).rejects.toThrow(VmUnknownError);
    await importing();
    await expect(vbox.pressPowerButton('haskell-build')).rejects.toThrow(VmNotRunningError);
    expect(await vbox.snapshots('haskell-build')).toEqual([]);
    await vbox.takeSnapshot('haskell-build', 'clean');
    expect(await vbox.snapshots('haskell-build')).toEqual(['clean']);
  });

  it('says where VBoxManage is missing', async () => {
    const missing = new VBoxManage(localRunner({ program: join(folder, 'nosuch'), logFolder: folder }));
    await expect(missing.requireVersion()).rejects.toThrow(VBoxManageMissingError);
  });

  describe('an appliance that is not in order', () => {
    const broken: readonly [string, (ova: string) => Promise<void>, new (...args: never[]) => Error][] = [
      ['is not there', (ova) => rm(ova), OvaMalformedError],
      ['is empty', (ova) => writeFile(ova, ''), OvaMalformedError],
      ['holds something else', (ova) => writeFile(ova, Buffer.alloc(4096, 'x')), OvaMalformedError],
      ['is cut off', async (ova) => truncate(ova, (await readFile(ova)).length - 20_000), OvaTruncatedError],
      ['was changed', (ova) => changeByte(ova, 'memory', 'memorY'), OvaTamperedError],
      ['is a pax tar', (ova) => repack(ova, 'pax'), OvaPaxError],
      ['lacks its disk', (ova) => repack(ova, 'ustar', '*.ovf', '*.mf'), OvaMalformedError],
      ['lacks its descriptor', (ova) => repack(ova, 'ustar', '*.vmdk'), OvaMalformedError],
    ];

    it.each(broken)('is refused by us when it %s', async (_, damage, error) => {
      const ova = join(folder, 'broken.ova');
      await copyFile(first, ova);
      await damage(ova);
      await expect(importing({ image: { ova, version: '20260422' } })).rejects.toThrow(error);
      expect(await vbox.listVms()).toEqual([]);
    });

    // The same files given to VirtualBox itself: its words must lead to the same errors.
    it.each(broken)('is refused by VirtualBox in words that we understand when it %s', async (_, damage, error) => {
      const ova = join(folder, 'broken.ova');
      await copyFile(first, ova);
      await damage(ova);
      const direct = vbox.importAppliance(ova, 'the image', 'broken', { cpus: 1, memoryMiB: 512 });
      // Where the cut lies decides whether VirtualBox meets the end first or the digest; both name the image.
      await expect(direct).rejects.toThrow(
        error === OvaMalformedError || error === OvaTruncatedError ? /^the image / : error,
      );
      await expect(direct).rejects.not.toThrow(VBoxManageFailedError);
      expect(await vbox.listVms()).toEqual([]);
    });
  });
});

async function changeByte(file: string, from: string, to: string): Promise<void> {
  const content = await readFile(file);
  const at = content.indexOf(from);
  expect(at).toBeGreaterThan(0);
  content.write(to, at);
  await writeFile(file, content);
}

async function repack(ova: string, format: 'pax' | 'ustar', ...members: string[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'ova-'));
  await execa('tar', ['-xf', ova, '-C', folder]);
  const names = (await execa('tar', ['-tf', ova])).stdout.split('\n');
  const wanted = names.filter((name) => members.length === 0 || members.some((glob) => name.endsWith(glob.slice(1))));
  await execa(
    'tar',
    [`--format=${format}`, ...(format === 'pax' ? ['--pax-option=comment=x'] : []), '-cf', ova, ...wanted],
    {
      cwd: folder,
    },
  );
  await rm(folder, { recursive: true });
}
