import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, connect, type AddressInfo } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MachineAccess } from '@build-machines/machines';
import { execa } from 'execa';

/** A real sshd on loopback that lets this user in with one key: what a machine is to its client. */
export interface SshMachine {
  readonly folder: string;
  readonly access: MachineAccess;
  /** Gives the sshd a new host key, as a replaced machine has. */
  changeHostKey(): Promise<void>;
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

/** A loopback port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Makes a key pair; returns the public half as `type base64`. */
export async function makeKey(file: string): Promise<string> {
  await rm(file, { force: true });
  await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'test', '-f', file]);
  return (await readFile(`${file}.pub`, 'utf8')).split(' ').slice(0, 2).join(' ');
}

export async function startSshMachine(name = 'box'): Promise<SshMachine> {
  const folder = await mkdtemp(join(tmpdir(), 'bm-'));
  const port = await freePort();
  const file = (path: string) => join(folder, path);
  const hostKey = await makeKey(file('host_key'));
  await writeFile(file('authorized_keys'), `${await makeKey(file('build_key'))}\n`, { mode: 0o600 });
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
  const config = [
    `ListenAddress 127.0.0.1:${String(port)}`,
    `HostKey ${file('host_key')}`,
    `AuthorizedKeysFile ${file('authorized_keys')}`,
    'PidFile none',
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin prohibit-password',
  ];
  await writeFile(file('sshd_config'), `${config.join('\n')}\n`);
  let sshd: ChildProcess | undefined;
  const machine: SshMachine = {
    folder,
    access: {
      name,
      sshHost: '127.0.0.1',
      sshPort: port,
      user: userInfo().username,
      identityFile: file('build_key'),
      hostKey,
      agentSocket: file('agent.sock'),
    },
    async changeHostKey() {
      await machine.stop();
      await makeKey(file('host_key'));
      await machine.start();
    },
    async start() {
      sshd = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', file('sshd_config')], { stdio: 'ignore' });
      await untilListening(port);
    },
    async stop() {
      const child = sshd;
      sshd = undefined;
      if (child === undefined || child.exitCode !== null) return;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
    },
    async close() {
      await machine.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  await machine.start();
  return machine;
}

/** Waits until something accepts connections on a loopback port. */
export async function untilListening(port: number): Promise<void> {
  for (let tries = 0; ; tries++) {
    const accepted = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => {
        resolve(false);
      });
    });
    if (accepted) return;
    if (tries > 200) throw new Error(`nothing listens on port ${String(port)}`);
    await sleep(50);
  }
}
