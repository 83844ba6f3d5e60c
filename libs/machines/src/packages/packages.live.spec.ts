import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RemoteShell } from '../remote-shell/remote-shell.js';
import { ensureGhcup } from './ensure-ghcup.js';
import { installPackages } from './install-packages.js';

describe('installing on a machine over SSH', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pkg '));
    mkdirSync(join(folder, 'bin'));
    // An account that is not root, whatever runs the tests.
    program('id', 'echo 1000');
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  /** A program of the machine: what needs root, or a network that tests do not have. */
  const program = (name: string, script: string): void => {
    writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, 'bin', name), 0o755);
  };
  const calls = () => (existsSync(join(folder, 'calls')) ? readFileSync(join(folder, 'calls'), 'utf8').trimEnd() : '');
  const shell: RemoteShell = {
    run(script) {
      const env = { HOME: folder, PATH: `${join(folder, 'bin')}:/usr/bin:/bin`, CALLS: join(folder, 'calls') };
      const { status, stdout, stderr } = spawnSync('sh', ['-c', script], { env, encoding: 'utf8' });
      return Promise.resolve({ exitCode: status ?? -1, stdout, stderr });
    },
    succeed: () => Promise.reject(new Error('not used')),
  };
  const sudo = 'case "$*" in "-n -l "*) exit 0;; esac; shift; exec "$@"';

  it('runs apt-get through sudo, with the names as they are', async () => {
    program('sudo', sudo);
    program('apt-get', 'printf "%s\\n" "$*" >>"$CALLS"');
    await installPackages(shell, 'box', ['libpq-dev', 'g++']);
    expect(calls()).toMatch(/^-q -y .* install --no-install-recommends -- libpq-dev g\+\+$/);
  });

  it('fetches the lists when apt does not know a package, once', async () => {
    program('sudo', sudo);
    program('apt-get', 'echo "$*" >>"$CALLS"; case "$*" in *update) : >"$HOME/lists";; *) [ -e "$HOME/lists" ];; esac');
    await installPackages(shell, 'box', ['libpq-dev']);
    expect(
      calls()
        .split('\n')
        .map((line) => line.split(' ').includes('update')),
    ).toEqual([false, true, false]);
  });

  it('says when sudo asks for a password, before anything is tried', async () => {
    program('sudo', 'echo "sudo: a password is required" >&2; exit 1');
    program('apt-get', 'echo called >>"$CALLS"');
    await expect(installPackages(shell, 'box', ['libpq-dev'])).rejects.toMatchObject({
      code: 'packages-not-installed',
      message: expect.stringContaining('sudo: a password is required'),
      hint: expect.stringContaining('sudo apt-get install -y libpq-dev'),
    });
    expect(calls()).toBe('');
  });

  it.each(['-o=x', 'a b', '$(reboot)', 'A', ''])('takes %j for no package', async (name) => {
    await expect(installPackages(shell, 'box', [name])).rejects.toThrow('no name of a Debian package');
  });

  it('tells what the installer said last', async () => {
    program('sudo', sudo);
    program('apt-get', 'echo "E: Unable to locate package nonsense" >&2; exit 100');
    await expect(installPackages(shell, 'box', ['nonsense'])).rejects.toThrow('Unable to locate package nonsense');
  });

  it('brings GHCup where there is none, only as it was pinned', async () => {
    const content = '#!/bin/sh\necho ghcup\n';
    const pinned = { url: 'https://example.invalid/ghcup', sha256: createHash('sha256').update(content).digest('hex') };
    const pins = { version: '1', x86_64: pinned, aarch64: pinned, metadata: pinned };
    const curl = (text: string): void => {
      program('curl', `while [ "$1" != --output ]; do shift; done; printf '%s' '${text}' >"$2"`);
    };
    curl(`${content}tampered`);
    await expect(ensureGhcup(shell, 'box', pins)).rejects.toMatchObject({
      code: 'ghcup-not-installed',
      message: expect.stringContaining('not what it was when it was pinned'),
    });
    expect(existsSync(join(folder, '.ghcup/bin/ghcup'))).toBe(false);
    curl(content);
    expect(await ensureGhcup(shell, 'box', pins)).toBe(true);
    expect(readFileSync(join(folder, '.ghcup/bin/ghcup'), 'utf8')).toBe(content);
    expect(await ensureGhcup(shell, 'box', pins)).toBe(false);
  });
});
