import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { MachineAccess } from '../access/machine-access.js';
import { ensureKey } from '../keys/ensure-key.js';
import { publicKeyText } from '../keys/public-key.js';
import { stateFolder, type StateFolder } from '../state/state-folder.js';
import { startTestSshd } from '../testing/test-sshd.js';
import { installSshConfig, removeSshConfig } from './install-ssh-config.js';

const OWN = '# mine\r\nHost other\n  Port 1\nHost *\n  Port 2\n  User nobody-at-all\n';

describe('the ssh configuration of machines', () => {
  let folder: string;
  let home: string;
  let state: StateFolder;
  let access: MachineAccess;
  let stop: () => Promise<void>;
  const config = () => join(home, '.ssh', 'config');

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cfg '));
    state = stateFolder({ BUILD_MACHINES_HOME: join(folder, 'state folder') });
    ({ access, stop } = await startTestSshd(state, join(folder, 'sshd')));
  });
  beforeEach(async () => {
    home = await mkdtemp(join(folder, 'home '));
    await mkdir(join(home, '.ssh'), { mode: 0o700 });
    await writeFile(config(), OWN);
    await chmod(config(), 0o600);
  });
  afterEach(() => removeSshConfig(state, home, 'box'));
  afterAll(async () => {
    await stop();
    await rm(folder, { recursive: true, force: true });
  });

  // ssh takes the home folder from the user database, so the file is named; nothing else is given.
  const ssh = (host: string) =>
    execa('ssh', ['-F', config(), '-o', 'BatchMode=yes', host, 'echo in'], { reject: false });

  it('lets ssh reach the machine by its name, whatever the user has configured for all hosts', async () => {
    expect(await installSshConfig(state, home, access)).toBe(true);
    expect(await ssh('box')).toMatchObject({ exitCode: 0, stdout: 'in' });
    const shown = await execa('ssh', ['-F', config(), '-G', 'other']);
    expect(shown.stdout).toContain('\nport 1\n');
  });

  it('refuses a machine whose host key is not the pinned one', async () => {
    const other = await ensureKey(join(folder, 'sshd', 'other'), 'other');
    await installSshConfig(state, home, { ...access, hostKey: publicKeyText(other.publicKey) });
    const { exitCode, stderr } = await ssh('box');
    expect(exitCode).toBe(255);
    expect(stderr).toContain('Host key verification failed');
  });

  it('does not take the way that the user has for all other hosts', async () => {
    await writeFile(config(), 'Host *\n  ProxyJump bastion.invalid\n');
    await installSshConfig(state, home, access);
    expect(await ssh('box')).toMatchObject({ exitCode: 0, stdout: 'in' });
  });

  it('comes before everything else again when its line was moved or commented out', async () => {
    await installSshConfig(state, home, access);
    const [comment = '', include = '', ...own] = (await readFile(config(), 'utf8')).split('\n');
    for (const moved of [
      [...own, comment, include],
      [comment, `# ${include}`, ...own],
    ]) {
      await writeFile(config(), moved.join('\n'));
      expect(await ssh('box')).not.toMatchObject({ exitCode: 0 });
      expect(await installSshConfig(state, home, access)).toBe(true);
      expect(await ssh('box')).toMatchObject({ exitCode: 0 });
    }
  });

  it('stays where it is below the Include of another program', async () => {
    await installSshConfig(state, home, access);
    const text = `Include other.d/*\n# mine\n${await readFile(config(), 'utf8')}`;
    await writeFile(config(), text);
    expect(await installSshConfig(state, home, access)).toBe(false);
    expect(await readFile(config(), 'utf8')).toBe(text);
  });

  it('leaves every byte of the user and the mode of the file', async () => {
    await installSshConfig(state, home, access);
    expect((await readFile(config(), 'utf8')).endsWith(OWN)).toBe(true);
    expect((await stat(config())).mode & 0o777).toBe(0o600);
    expect(await installSshConfig(state, home, access)).toBe(false);
    await removeSshConfig(state, home, 'box');
    expect(await readFile(config(), 'utf8')).toBe(OWN);
    expect(await removeSshConfig(state, home, 'box')).toBe(false);
  });

  it('keeps the include while another machine needs it', async () => {
    await installSshConfig(state, home, access);
    await installSshConfig(state, home, { ...access, name: 'second' });
    await removeSshConfig(state, home, 'second');
    expect(await ssh('box')).toMatchObject({ exitCode: 0, stdout: 'in' });
  });

  it('is made where there is none', async () => {
    await rm(join(home, '.ssh'), { recursive: true });
    await installSshConfig(state, home, access);
    expect(await ssh('box')).toMatchObject({ exitCode: 0 });
    expect((await stat(config())).mode & 0o777).toBe(0o600);
  });
});
