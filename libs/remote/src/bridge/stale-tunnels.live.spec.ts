import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  authorizeTunnel,
  parsePublicKey,
  portHolder,
  startRelay,
  stateFolder,
  workstationAccount,
  type Relay,
  type StateFolder,
} from '@build-machines/machines';
import { freePort, makeKey, startSshMachine, untilListening, type SshMachine } from '../testing/ssh-machine.js';
import { StaleTunnels } from './stale-tunnels.js';

let state: StateFolder;
let relay: Relay;
let machine: SshMachine;
let port: number;
const tunnels: ChildProcess[] = [];

beforeEach(async () => {
  state = stateFolder({ BUILD_MACHINES_HOME: await mkdtemp(join(tmpdir(), 'bmt-')) });
  machine = await startSshMachine();
  relay = await startRelay({
    state,
    port: await freePort(),
    listenAddress: '127.0.0.1',
    account: workstationAccount(),
  });
  port = await freePort();
});

afterEach(async () => {
  for (const tunnel of tunnels.splice(0)) tunnel.kill('SIGKILL');
  await relay.close();
  await machine.close();
  await rm(state.root, { recursive: true, force: true });
});

/** A tunnel as a machine holds it; returns when its port is open. */
async function openTunnel(): Promise<ChildProcess> {
  const key = join(machine.folder, 'tunnel_key');
  const publicKey = parsePublicKey(await makeKey(key), key);
  await authorizeTunnel(state, { machine: 'box', publicKey, port, hubPort: 1 });
  const knownHosts = join(machine.folder, 'known_hosts');
  await writeFile(knownHosts, `[127.0.0.1]:${String(relay.port)} ${relay.hostKey}\n`);
  const settings = [
    'BatchMode=yes',
    'ExitOnForwardFailure=yes',
    `UserKnownHostsFile=${knownHosts}`,
    'IdentitiesOnly=yes',
  ];
  const tunnel = spawn(
    'ssh',
    [
      ...['-F', 'none', '-N', '-p', String(relay.port), '-i', key, ...settings.flatMap((setting) => ['-o', setting])],
      ...['-R', `localhost:${String(port)}:127.0.0.1:${String(machine.access.sshPort)}`, `${relay.user}@127.0.0.1`],
    ],
    { stdio: 'ignore' },
  );
  tunnels.push(tunnel);
  await untilListening(port);
  return tunnel;
}

it('leaves a tunnel that works alone, and ends what holds the port of one whose machine is gone', async () => {
  const notes: string[] = [];
  const sweeper = new StaleTunnels(state, {
    isWell: () => Promise.resolve(false),
    note: (text) => notes.push(text),
  });
  const tunnel = await openTunnel();
  await sweeper.sweep();
  await sweeper.sweep();
  expect([notes, portHolder(port) !== undefined]).toEqual([[], true]);
  tunnel.kill('SIGSTOP');
  await sweeper.sweep();
  expect(portHolder(port)).toBeDefined();
  await sweeper.sweep();
  expect(notes).toEqual([expect.stringMatching(/machine "box" was held by a dead tunnel; ended process \d+/)]);
  expect(portHolder(port)).toBeUndefined();
  tunnel.kill('SIGKILL');
  await openTunnel();
  expect(await readFile(join(state.relay, 'authorized_keys'), 'utf8')).toContain('build-machines:box');
});
