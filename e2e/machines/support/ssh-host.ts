import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bannerOnce, randomFreePort } from '@build-machines/machines';
import { eventually } from '../../support/eventually.js';
import { processesOf } from '../../support/processes.js';

/**
 * A Linux host that is already there: an account of its own, its home folder, and a real sshd that serves that account
 * only. It stands for another computer: what it shares with the workstation are the kernel and the installed programs.
 * No systemd is process 1 where this runs.
 */
export interface SshHost {
  readonly user: string;
  readonly home: string;
  readonly port: number;
  /** As machine.yml names it. */
  readonly destination: string;
  /** A private key of a person who may log in. */
  readonly personalKey: string;
  /** Fingerprint of the host key that sshd shows now. */
  fingerprint(): string;
  /** Gives sshd another host key, as a host that was made anew has one. */
  renewHostKey(): Promise<void>;
  /** Command lines of what the account runs, but for its sshd and the sessions of that. */
  running(): { pid: number; command: string }[];
  remove(): Promise<void>;
}

/** Makes the host. Only root can: it makes a user. */
export async function makeSshHost(): Promise<SshHost> {
  const root = mkdtempSync(join(tmpdir(), 'bmh-'));
  const home = join(root, 'home');
  const user = `bm-host-${process.pid}`;
  const port = await randomFreePort();
  execFileSync('chmod', ['755', root]);
  execFileSync('useradd', ['--home-dir', home, '--create-home', '--shell', '/bin/sh', user], { stdio: 'pipe' });
  const id = (flag: string): number => Number(execFileSync('id', [flag, user], { encoding: 'utf8' }));
  const [uid, gid] = [id('-u'), id('-g')];
  const hostKey = join(root, 'sshd', 'host_key');
  const personalKey = join(root, 'person', 'id_ed25519');
  const makeKey = (file: string): void => {
    rmSync(file, { force: true });
    rmSync(`${file}.pub`, { force: true });
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'somebody', '-f', file]);
  };
  const own = (...paths: string[]): void => {
    for (const path of paths) chownSync(path, uid, gid);
  };
  mkdirSync(join(root, 'sshd'));
  mkdirSync(join(root, 'person'), { mode: 0o700 });
  makeKey(hostKey);
  makeKey(personalKey);
  mkdirSync(join(home, '.ssh'), { mode: 0o700 });
  writeFileSync(join(home, '.ssh/authorized_keys'), readFileSync(`${personalKey}.pub`), { mode: 0o600 });
  // As on a computer whose people never ran `cabal update` because it has no way out: no package index at all.
  mkdirSync(join(home, '.cabal'), { mode: 0o700 });
  writeFileSync(join(home, '.cabal/config'), '-- no repository\n');
  const config = join(root, 'sshd', 'config');
  writeFileSync(
    config,
    [
      `ListenAddress 127.0.0.1:${port}`,
      `HostKey ${hostKey}`,
      'PidFile none',
      // The home folder is below /tmp, which others may write to.
      'StrictModes no',
      'PasswordAuthentication no',
      'Subsystem sftp internal-sftp',
      '',
    ].join('\n'),
  );
  own(
    join(root, 'sshd'),
    hostKey,
    config,
    join(home, '.cabal'),
    join(home, '.cabal/config'),
    join(home, '.ssh'),
    join(home, '.ssh/authorized_keys'),
  );
  let sshd: ChildProcess;
  const start = async (): Promise<void> => {
    sshd = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', config], { uid, gid, stdio: 'ignore', cwd: '/', env: {} });
    await eventually('the sshd of the host answers', () => bannerOnce('127.0.0.1', port, 1_000).catch(() => undefined));
  };
  const stop = async (): Promise<void> => {
    sshd.kill('SIGKILL');
    await eventually('the sshd of the host has ended', () => sshd.exitCode !== null || sshd.signalCode !== null);
  };
  await start();
  return {
    user,
    home,
    port,
    destination: `${user}@127.0.0.1:${port}`,
    personalKey,
    fingerprint: () => execFileSync('ssh-keygen', ['-l', '-f', `${hostKey}.pub`], { encoding: 'utf8' }).split(' ')[1]!,
    async renewHostKey() {
      makeKey(hostKey);
      own(hostKey);
      await stop();
      await start();
    },
    running: () => processesOf(home).filter(({ command }) => !/^(\S*\/)?sshd\b/.test(command)),
    async remove() {
      await stop();
      for (const { pid } of processesOf(root)) process.kill(pid, 'SIGKILL');
      await eventually('the account runs nothing', () => processesOf(root).length === 0);
      execFileSync('userdel', [user], { stdio: 'pipe' });
      rmSync(root, { recursive: true, force: true });
    },
  };
}
