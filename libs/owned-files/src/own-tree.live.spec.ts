import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  copyToOwn,
  cutFile,
  moveOwn,
  openNew,
  removeFile,
  removeMarkedFile,
  removeSocket,
  removeTree,
  replaceMarkedFile,
} from './change-own.js';
import { expectTree, makeOwnFolder } from './make-own-folder.js';
import { ownPlaces } from './own-places.js';
import { writePrivate } from './replace-file.js';
import { makeTemporaryFolder, removeTemporaryFolder } from './temporary-folder.js';
import { snapshot } from './testing/snapshot.js';

let root: string;
let state: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tree-'));
  state = join(root, 'state');
});
afterEach(() => {
  rmSync(root, { recursive: true });
});
const put = (path: string, text = 'x'): string => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  return join(root, path);
};

describe('a folder that is to be ours', () => {
  const tree = { madeFor: 'tests', isFormer: (name: string) => name === 'keys' };

  it('is made, and closed to others, with the first file in it', async () => {
    expectTree(state, tree);
    await writePrivate(join(state, 'keys/id'), 'key');
    expect([statSync(state).mode & 0o777, statSync(join(state, 'keys')).mode & 0o777]).toEqual([0o700, 0o700]);
    await removeFile(join(state, 'keys/id'));
    await removeTree(join(state, 'keys'));
  });

  it('is adopted when an earlier release, without markers, made it', async () => {
    put('state/keys/id');
    expectTree(state, tree);
    await makeOwnFolder(join(state, 'relay'));
    await removeTree(join(state, 'keys'));
    expect(existsSync(join(state, 'keys'))).toBe(false);
  });

  it('is refused with other contents, and keeps them and its mode', async () => {
    put('state/thesis.txt');
    chmodSync(state, 0o1777);
    expectTree(state, tree);
    const before = snapshot(root);
    for (const folder of [state, join(state, 'keys')])
      await expect(makeOwnFolder(folder)).rejects.toMatchObject({
        code: 'state-folder-taken',
        hint: expect.stringContaining(`BUILD_MACHINES_HOME to ${state}/build-machines`),
      });
    expect([snapshot(root), statSync(state).mode & 0o7777]).toEqual([before, 0o1777]);
  });

  it('gets no marker where the user has files, named or not', async () => {
    put('documents/thesis.txt');
    await expect(makeOwnFolder(join(root, 'documents'))).rejects.toMatchObject({ code: 'folder-not-ours' });
  });
});

describe('what is not ours', () => {
  const refused = { code: 'not-ours' };

  it('is not removed, moved, replaced by a copy or cut', async () => {
    await makeOwnFolder(state);
    const [mine, ours] = [put('mine/thesis.txt'), put('state/file')];
    const before = snapshot(root);
    for (const attempt of [
      removeFile(mine),
      removeTree(dirname(mine)),
      removeTree(root),
      removeSocket(mine),
      moveOwn(mine, join(state, 'moved')),
      moveOwn(ours, mine),
      copyToOwn(ours, mine),
      cutFile(mine, 0),
      removeTemporaryFolder(dirname(mine)),
      removeFile(join(state, '../mine/thesis.txt')),
      replaceMarkedFile(mine, '# ours', '# ours\n', 0o644),
      removeMarkedFile(mine, '# ours'),
    ])
      await expect(attempt).rejects.toMatchObject(refused);
    expect(() => ownPlaces(dirname(mine))).toThrow(expect.objectContaining(refused));
    const places = ownPlaces(state);
    expect(() => {
      places.move(ours, mine);
    }).toThrow(expect.objectContaining(refused));
    expect(snapshot(root)).toEqual(before);
  });

  it('is not reached through a link in a folder of ours', async () => {
    await makeOwnFolder(state);
    const mine = put('mine/deep/thesis.txt');
    symlinkSync(join(root, 'mine'), join(state, 'link'));
    await expect(removeFile(join(state, 'link/deep/thesis.txt'))).rejects.toMatchObject(refused);
    await expect(removeTree(join(state, 'link/deep'))).rejects.toMatchObject(refused);
    // The link itself is ours, and is removed, not followed.
    await removeTree(join(state, 'link'));
    expect(readFileSync(mine, 'utf8')).toBe('x');
  });

  it('does not become ours by a marker that says something else', async () => {
    const mine = put('mine/thesis.txt');
    put('mine/.build-machines-folder.json', JSON.stringify({ madeFor: 'x', files: ['thesis.txt'], folders: [] }));
    await expect(removeFile(mine)).rejects.toMatchObject(refused);
  });
});

describe('what this process made itself', () => {
  it('may be removed, wherever it is', async () => {
    const file = join(root, 'new');
    await (await openNew(file, 0o600)).close();
    await removeFile(file);
    put('new', 'of somebody else');
    await expect(removeFile(file)).rejects.toMatchObject({ code: 'not-ours' });
    const folder = await makeTemporaryFolder(join(root, 'temporary-'));
    writeFileSync(join(folder, 'x'), 'x');
    mkdirSync(join(folder, 'closed/inner'), { recursive: true });
    chmodSync(join(folder, 'closed'), 0o500);
    await removeTemporaryFolder(folder);
    expect(existsSync(folder)).toBe(false);
  });

  it('is a file by its first line, and a socket by being one', async () => {
    const unit = join(root, 'unit');
    await replaceMarkedFile(unit, '# ours', '# ours\n1', 0o644);
    await replaceMarkedFile(unit, '# ours', '# ours\n2', 0o644);
    expect(readFileSync(unit, 'utf8')).toBe('# ours\n2');
    await removeMarkedFile(unit, '# ours');
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(root, 'socket'), resolve));
    await removeSocket(join(root, 'socket'));
    expect(existsSync(join(root, 'socket'))).toBe(false);
    server.close();
  });
});
