import { makeTemporaryFolder } from '@build-machines/owned-files';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { MachineAccess } from '../../access/machine-access.js';
import { parseSshTarget } from '../../definitions/ssh-target.js';
import { pinnedHostKey } from '../../injection/pinned-host-key.js';
import { fingerprint, parsePublicKey } from '../../keys/public-key.js';
import { stateFolder, type StateFolder } from '../../state/state-folder.js';
import { startTestSshd } from '../../testing/test-sshd.js';
import { resolveHost } from './resolve-host.js';
import { trustedHostKey, type HostKeyTrust } from './trusted-host-key.js';

let folder: string;
let state: StateFolder;
let sshd: { access: MachineAccess; stop: () => Promise<void> };
let path: string;

beforeAll(async () => {
  folder = await makeTemporaryFolder(join(tmpdir(), 'host-key-'));
  state = stateFolder({ HOME: folder });
  sshd = await startTestSshd(state, folder);
  // ssh takes its user's home folder from the account and not from HOME: the configuration is given to it instead.
  const ssh = (await execa('sh', ['-c', 'command -v ssh'])).stdout;
  const config = join(folder, 'config-of-user');
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'ssh'), `#!/bin/sh\nexec ${ssh} -F ${config} "$@"\n`);
  chmodSync(join(bin, 'ssh'), 0o755);
  path = `${bin}:${process.env['PATH'] ?? ''}`;
  const pipe = join(folder, 'pipe.cjs');
  writeFileSync(
    pipe,
    "const s = require('node:net').connect(+process.argv[2], '127.0.0.1'); process.stdin.pipe(s).pipe(process.stdout);",
  );
  const { sshPort } = sshd.access;
  writeFileSync(
    config,
    `Host big_box\n  HostName 127.0.0.1\n  Port ${sshPort}\n  User ada\n` +
      `Host hidden\n  HostName nowhere.invalid\n  ProxyCommand ${process.execPath} ${pipe} ${sshPort}\n`,
  );
});

afterAll(async () => {
  await sshd.stop();
  rmSync(folder, { recursive: true });
});

async function trust(destination: string, more: Partial<HostKeyTrust> = {}): Promise<string> {
  const name = `box-${destination.replaceAll(/\W|_/g, '-')}`;
  const options = { name, path, signal: undefined };
  const host = await resolveHost(parseSshTarget(destination)!, options);
  return trustedHostKey({
    ...{ ...options, state, host, accept: undefined, ask: undefined, home: folder, onProgress: () => undefined },
    ...more,
  });
}

describe('a destination as the user writes it', () => {
  it('is an alias of the ssh configuration, with its address, port and account', async () => {
    const resolved = await resolveHost(parseSshTarget('big_box')!, { name: 'box', path, signal: undefined });
    expect(resolved).toEqual({
      alias: 'big_box',
      hostName: '127.0.0.1',
      port: sshd.access.sshPort,
      user: 'ada',
      hostKeyAlias: undefined,
      proxy: undefined,
    });
  });

  it('says more than the configuration', async () => {
    const resolved = await resolveHost(parseSshTarget('eve@big_box:2222')!, { name: 'box', path, signal: undefined });
    expect(resolved).toMatchObject({ user: 'eve', port: 2222 });
  });

  it('tells what the way there leads through', async () => {
    const resolved = await resolveHost(parseSshTarget('hidden')!, { name: 'box', path, signal: undefined });
    expect(resolved.proxy).toMatch(/^ProxyCommand /);
  });
});

describe('the host key of a host', () => {
  const mine = () => sshd.access.hostKey.split(' ').slice(0, 2).join(' ');
  const mark = () => fingerprint(parsePublicKey(mine(), 'the host'));

  it.each(['big_box', 'hidden'])('%s is asked for, and pinned only when it is confirmed', async (host) => {
    await expect(trust(host)).rejects.toMatchObject({ code: 'host-key-unconfirmed' });
    const questions: string[] = [];
    const ask = (question: string) => Promise.resolve(questions.push(question) > 0);
    expect(await trust(host, { ask })).toBe(mine());
    expect(questions).toEqual([expect.stringContaining(mark())]);
    expect(await pinnedHostKey(state, `box-${host.replaceAll('_', '-')}`)).toBe(mine());
    expect(await trust(host)).toBe(mine());
  });

  it('is taken from known_hosts, where it stands under the address and not under the alias', async () => {
    mkdirSync(join(folder, '.ssh'), { recursive: true });
    const known = join(folder, '.ssh/known_hosts');
    writeFileSync(known, `[127.0.0.1]:${sshd.access.sshPort} ${mine()}\n`);
    expect(await trust('big_box', { name: 'known' })).toBe(mine());
    expect(readFileSync(known, 'utf8')).toBe(`[127.0.0.1]:${sshd.access.sshPort} ${mine()}\n`);
  });

  it('must be the one whose fingerprint is given', async () => {
    const other = 'SHA256:0000000000000000000000000000000000000000000';
    await expect(trust('big_box', { name: 'strict', accept: other })).rejects.toMatchObject({
      code: 'host-key-not-shown',
      message: expect.stringContaining(mark()),
    });
    expect(await trust('big_box', { name: 'strict', accept: mark() })).toBe(mine());
  });

  it('cannot be had where nothing speaks SSH, which is told at once', async () => {
    const server: Server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    await expect(trust(`127.0.0.1:${port}`)).rejects.toMatchObject({ code: 'remote-login' });
    server.close();
    await expect(trust('127.0.0.1:1')).rejects.toMatchObject({
      code: 'remote-login',
      message: expect.stringContaining('refused'),
    });
  });
});
