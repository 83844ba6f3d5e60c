import { makeTemporaryFolder } from '@build-machines/owned-files';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { listFiles } from '../artifacts/list-files.js';
import { removeStrayObjects } from './stray-objects.js';

const BUILD = 'dist-newstyle/build/x86_64-linux/ghc-9.0.2';

/** As cabal 3.4 wrote them for c-sources in ../cbits to ../../../../../cbits, of libraries and executables. */
const STRAY = [
  'dist-newstyle/cbits/k.o',
  'dist-newstyle/k.dyn_o',
  'dist-newstyle/build/cbits/k.o',
  'dist-newstyle/build/x86_64-linux/cbits/deep/k.dyn_o',
  `${BUILD}/cbits/k.o`,
  `${BUILD}/cbits/k.p_o`,
  `${BUILD}/k.o`,
  `${BUILD}/app-1.0/cbits/k.o`,
];

const OWN = [
  `${BUILD}/app-1.0/build/App.o`,
  `${BUILD}/app-1.0/build/cbits/k.o`,
  `${BUILD}/app-1.0/x/app/build/app/app-tmp/Main.o`,
  `${BUILD}/app-1.0/cache/build`,
  `${BUILD}/app-1.0/setup-config`,
  'dist-newstyle/cache/plan.json',
];

it('removes the objects that lie outside of the outputs of packages, and nothing else', async () => {
  const tree = await makeTemporaryFolder(join(tmpdir(), 'stray-'));
  try {
    for (const path of [...STRAY, ...OWN]) {
      await mkdir(dirname(join(tree, path)), { recursive: true });
      await writeFile(join(tree, path), '');
    }
    await removeStrayObjects(tree, 'dist-newstyle/build');
    expect(await listFiles(tree)).toEqual([...OWN].sort());
  } finally {
    await rm(tree, { recursive: true });
  }
});
