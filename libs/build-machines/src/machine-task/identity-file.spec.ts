import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identityFile } from './identity-file.js';

describe('the private key that is named for the first login', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'id-'));
    await mkdir(join(root, 'home/.ssh'), { recursive: true });
    await writeFile(join(root, 'home/.ssh/id_box'), '');
    await writeFile(join(root, 'id_here'), '');
  });
  afterEach(() => rm(root, { recursive: true }));

  const named = (given: string) => identityFile(given, root, join(root, 'home'));

  it('is looked for in the home folder after a tilde, which no shell replaces within an option', async () => {
    expect(await named('~/.ssh/id_box')).toBe(join(root, 'home/.ssh/id_box'));
  });

  it('is relative to the workspace, or absolute', async () => {
    expect(await named('id_here')).toBe(join(root, 'id_here'));
    expect(await named(join(root, 'id_here'))).toBe(join(root, 'id_here'));
  });

  it('is told when it is not there, and when it is the public half', async () => {
    await expect(named('~/.ssh/none')).rejects.toMatchObject({
      code: 'identity-file',
      message: `the private key ${join(root, 'home/.ssh/none')} cannot be read`,
    });
    await expect(named('id_here.pub')).rejects.toMatchObject({ hint: expect.stringMatching(/id_here$/) });
  });
});
