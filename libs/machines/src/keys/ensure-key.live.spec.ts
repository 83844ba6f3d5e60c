import { makeTemporaryFolder } from '@build-machines/owned-files';
import { readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { ensureKey } from './ensure-key.js';
import { fingerprint, parsePublicKey, publicKeyText } from './public-key.js';

describe('key pairs', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await makeTemporaryFolder(join(tmpdir(), 'key-'));
    file = join(folder, 'keys', 'id_build');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('are made once, private to their owner, and kept from then on', async () => {
    const made = await ensureKey(file, 'for the test');
    expect(made.publicKey).toMatchObject({ type: 'ssh-ed25519', comment: 'for the test' });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'keys'))).mode & 0o777).toBe(0o700);
    const text = await readFile(file, 'utf8');
    expect(await ensureKey(file, 'another')).toEqual(made);
    expect(await readFile(file, 'utf8')).toBe(text);
    expect((await readdir(join(folder, 'keys'))).sort()).toEqual(['id_build', 'id_build.pub']);
  });

  it('are the same for all who make them at the same time', async () => {
    const all = await Promise.all([1, 2, 3, 4].map((n) => ensureKey(file, `number ${n}`)));
    expect(new Set(all.map(({ publicKey }) => publicKey.blob)).size).toBe(1);
  });

  it('get a lost public half back', async () => {
    const made = await ensureKey(file, 'x');
    await rm(`${file}.pub`);
    expect(publicKeyText((await ensureKey(file, 'x')).publicKey)).toBe(publicKeyText(made.publicKey));
    await expect(stat(`${file}.pub`)).resolves.toBeDefined();
  });

  it('that cannot be read are reported, not replaced', async () => {
    await ensureKey(file, 'x');
    await rm(`${file}.pub`);
    await writeFile(file, 'garbage');
    await expect(ensureKey(file, 'x')).rejects.toMatchObject({ code: 'key-file-unusable' });
    expect(await readFile(file, 'utf8')).toBe('garbage');
  });

  it('have the fingerprint that ssh-keygen shows', async () => {
    const { publicKey } = await ensureKey(file, 'x');
    const shown = await execa('ssh-keygen', ['-l', '-f', `${file}.pub`]);
    expect(shown.stdout).toContain(fingerprint(publicKey));
  });
});

describe('public keys', () => {
  it.each([
    '',
    'ssh-ed25519',
    'ssh-ed25519 !!!!',
    'restrict ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA==',
    'ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIGJ1aWxkLW1hY2hpbmVzLXRlc3Qta2V5LW5vdC1yZWFsISE=',
    'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJ1\nssh-ed25519 AAAA',
  ])('refuses %j', (text) => {
    expect(() => parsePublicKey(text, 'x.pub')).toThrow(/x\.pub does not hold/);
  });
});
