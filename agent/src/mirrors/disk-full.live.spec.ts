import { makeTemporaryFolderSync } from '@build-machines/owned-files';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compareTreePaths } from '@build-machines/protocol';
import { scanTree } from '../testing/scan-tree.js';
import { syncWorkspace, WORKSPACE } from '../testing/sync-workspace.js';
import { Mirrors } from './mirrors.js';

const KIB = 1024;

/** Mounting a small filesystem needs root; as another user the tests are reported as skipped. */
const asRoot = process.getuid?.() === 0 ? describe : describe.skip;

asRoot('on a full disk (needs root for a small tmpfs)', () => {
  let folder: string;
  let disk: string;
  let source: string;
  let mirrors: Mirrors;

  beforeEach(async () => {
    folder = makeTemporaryFolderSync(join(tmpdir(), 'bm-full-'));
    [disk, source] = [join(folder, 'disk'), join(folder, 'ws')];
    mkdirSync(disk);
    mkdirSync(source);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk]);
    mirrors = await Mirrors.open({ stateDir: join(disk, 'state'), atticBytes: 0, now: Date.now });
    for (let index = 0; index < 20; index++) writeFileSync(join(source, `file ${index}`), 'old');
    await syncWorkspace(mirrors, source);
  });
  afterEach(() => {
    execFileSync('umount', [disk]);
    rmSync(folder, { recursive: true, force: true });
  });

  const tree = async () => scanTree((await mirrors.open(WORKSPACE)).root).sort(compareTreePaths);
  const fill = (leave: number): void => {
    const { bavail, bsize } = statfsSync(disk);
    writeFileSync(join(disk, 'filler'), Buffer.alloc(Math.max(0, bavail * bsize - leave)));
  };

  it('a sync that does not fit is refused and leaves the mirror as it was', async () => {
    const before = await tree();
    writeFileSync(join(source, 'large'), Buffer.alloc(8 * KIB * KIB, 'x'));
    await expect(syncWorkspace(mirrors, source)).rejects.toMatchObject({ code: 'disk-full', status: 507 });
    expect(await tree()).toEqual(before);
    rmSync(join(source, 'large'));
    writeFileSync(join(source, 'file 0'), 'new');
    await syncWorkspace(mirrors, source);
    expect(await tree()).toEqual(scanTree(source).sort(compareTreePaths));
  });

  it.each([0, 4, 8, 12, 16, 24, 32, 48, 64, 80, 96, 112, 128, 160, 192, 256, 512])(
    'with %d KiB free, a sync of many small files is done or refused, never half done',
    async (kib) => {
      const before = await tree();
      for (let index = 0; index < 20; index++) writeFileSync(join(source, `file ${index}`), 'new');
      for (let index = 0; index < 10; index++) {
        mkdirSync(join(source, `folder ${index}`));
        writeFileSync(join(source, `folder ${index}`, 'file'), `content ${index}`);
      }
      fill(kib * KIB);
      const refusal = await syncWorkspace(mirrors, source).then(
        () => undefined,
        (error: unknown) => error,
      );
      const after = scanTree(source).sort(compareTreePaths);
      if (refusal === undefined) expect(await tree()).toEqual(after);
      else {
        expect(refusal).toMatchObject({ code: 'disk-full' });
        expect(await tree()).toEqual(before);
      }
      rmSync(join(disk, 'filler'));
      await syncWorkspace(mirrors, source);
      expect(await tree()).toEqual(after);
    },
  );
});
