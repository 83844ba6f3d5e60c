import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import {
  authorizeTunnel,
  destroyQemu,
  ensureBuildKey,
  findImageOf,
  imageAssets,
  imageFiles,
  imageInputs,
  injectKeys,
  type InjectKeysOptions,
  type MachineAccess,
  packerBuild,
  type PackerBuildOptions,
  qemuImport,
  qemuInfo,
  qemuLayout,
  randomFreePort,
  readConsole,
  type Relay,
  sha256OfFile,
  startQemu,
  startRelay,
  stateFolder,
  type StoredImage,
  tryLogin,
  verifyImage,
  waitForMachine,
  workstationAccount,
} from '@build-machines/machines';
import { HubClient, type RunningHub, startHub } from '@build-machines/state-hub';
import { eventually } from '../support/eventually.js';
import { builtFile } from '../support/repository.js';
import { cacheFolder, repositoryRoot, rig } from './support/rigs.js';

const ADMIN_TOKEN = 'e2e-admin-token-e2e-admin-token-e2e';
const NAME = 'haskell-build';

/**
 * A machine's whole life with real parts: Packer runs the real provisioning scripts in a VM, the appliance is imported
 * into QEMU, boots, gets its keys, connects out, registers, reboots. The tests build on each other, in this order.
 */
describe('a machine from an image to a tunnel that survives', () => {
  let folder: string;
  let image: StoredImage;
  let relay: Relay;
  let hub: RunningHub;
  let hubClient: HubClient;
  let access: MachineAccess;
  let tunnelPort: number;
  let relayPort: number;
  const state = (): ReturnType<typeof stateFolder> => stateFolder({ BUILD_MACHINES_HOME: folder });
  const layout = (): ReturnType<typeof qemuLayout> => qemuLayout(state(), NAME);
  const consoleOf = async (): Promise<ReturnType<typeof readConsole>> =>
    readConsole(await readFile(layout().serialLog, 'utf8').catch(() => ''));
  const account = workstationAccount();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'qm-'));
    image = await cachedImage();
    [tunnelPort, relayPort] = [await randomFreePort(), await randomFreePort()];
    hub = await startHub({ port: 0, databaseFile: join(folder, 'hub.db'), adminToken: ADMIN_TOKEN });
    hubClient = new HubClient({ url: hub.url, token: ADMIN_TOKEN });
    relay = await startRelay({ state: state(), port: relayPort, listenAddress: '127.0.0.1', account });
  }, 1_500_000);

  afterAll(async () => {
    await destroyQemu(layout());
    await relay.close();
    await hub.close();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  it('has an image with its digest, origin, contents and password beside it', async () => {
    await verifyImage(image);
    const files = imageFiles(image.ova);
    expect((await stat(files.password)).mode & 0o777).toBe(0o600);
    expect(image.provenance.toolchains.map(({ tool }) => tool)).toEqual(expect.arrayContaining(['ghc', 'cabal']));
    const bom = JSON.parse(await readFile(files.billOfMaterials, 'utf8')) as {
      bomFormat: string;
      components: { name: string }[];
    };
    expect(bom.bomFormat).toBe('CycloneDX');
    expect(bom.components.map(({ name }) => name)).toEqual(expect.arrayContaining(['libgmp-dev', 'zlib1g-dev', 'ghc']));
  });

  it('boots from the appliance and says its host key on the console', async () => {
    const options = {
      layout: layout(),
      image: { ova: image.ova, sha256: image.provenance.sha256, version: image.version.day },
      existing: 'refuse',
      cpus: 2,
      memoryMiB: 2048,
      diskGiB: 6,
      accelerator: 'tcg',
    } as const;
    expect(await qemuImport(options)).toEqual({ outcome: 'imported' });
    expect(await qemuImport(options)).toEqual({ outcome: 'unchanged' });
    expect(await startQemu(layout())).toEqual({ started: true });
    expect(await startQemu(layout())).toEqual({ started: false });
    await eventually('a host key on the console', async () => (await consoleOf()).hostKey, 240_000);
    expect((await qemuInfo(layout())).state).toBe('running');
  }, 600_000);

  it('takes its keys over the one-time password, and refuses that password afterwards', async () => {
    access = await injectKeys(await injection());
    const { sshPort } = await qemuInfo(layout());
    const password = (await readFile(imageFiles(image.ova).password, 'utf8')).trim();
    const again = tryLogin(
      { kind: 'password', password },
      { machine: NAME, address: { host: '127.0.0.1', port: sshPort }, hostKey: undefined },
    );
    expect(await again).toBeUndefined();
  }, 300_000);

  it('connects out and registers with its compilers', async () => {
    await waitForMachine(access, { timeoutMs: 120_000 });
    const entry = await registered();
    expect(entry.toolchains.map(({ tool }) => tool)).toEqual(expect.arrayContaining(['ghc', 'cabal']));
    expect(entry.tunnel_port).toBe(tunnelPort);
  }, 300_000);

  it('can be injected again by key, with a new tunnel key', async () => {
    await injectKeys({ ...(await injection()), password: undefined, rotate: true });
    await eventually(
      'the tunnel with its new key',
      () =>
        throughTunnel('true').then(
          () => true,
          () => false,
        ),
      120_000,
    );
  }, 300_000);

  it('comes back by itself after a reboot, as the same machine', async () => {
    const before = {
      id: (await registered()).machine_id,
      boot: await throughTunnel('cat', '/proc/sys/kernel/random/boot_id'),
    };
    await throughTunnel('sudo', '-n', 'systemctl', 'reboot').catch(() => undefined); // The connection may break first.
    await eventually(
      'another boot behind the tunnel',
      () =>
        throughTunnel('cat', '/proc/sys/kernel/random/boot_id').then(
          (boot) => boot !== before.boot,
          () => false,
        ),
      300_000,
    );
    expect((await registered()).machine_id).toBe(before.id);
  }, 400_000);

  it('comes back by itself after the relay was restarted', async () => {
    await relay.close();
    relay = await startRelay({ state: state(), port: relayPort, listenAddress: '127.0.0.1', account });
    await eventually(
      'the tunnel',
      () =>
        throughTunnel('true').then(
          () => true,
          () => false,
        ),
      180_000,
    );
  }, 240_000);

  async function injection(): Promise<InjectKeysOptions> {
    const { sshPort } = await qemuInfo(layout());
    return {
      state: state(),
      machine: NAME,
      address: { host: '127.0.0.1', port: sshPort },
      password: (await readFile(imageFiles(image.ova).password, 'utf8')).trim(),
      consoleHostKey: (await consoleOf()).hostKey,
      buildKey: await ensureBuildKey(state()),
      settings: { relayHost: '10.0.2.2', relayPort, relayUser: relay.user, tunnelPort, hubPort: hub.port },
      settingsTemplate: await readFile(join(repositoryRoot, 'packer/haskell/files/build-agent.env.template'), 'utf8'),
      relayHostKey: relay.hostKey,
      agent: { slots: 1, labels: {} },
      hubToken: await hubClient.registerMachineToken(NAME),
      authorizeTunnel: (publicKey) =>
        authorizeTunnel(state(), { machine: NAME, publicKey, port: tunnelPort, hubPort: hub.port }),
    };
  }

  function registered(): Promise<Awaited<ReturnType<HubClient['listMachines']>>[number]> {
    return eventually(
      'a registration that is ready',
      async () => (await hubClient.listMachines()).find(({ name, state: found }) => name === NAME && found === 'ready'),
      180_000,
    );
  }

  async function throughTunnel(...command: string[]): Promise<string> {
    const options = ['BatchMode=yes', 'ConnectTimeout=10', 'StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null'];
    const { stdout } = await execa('ssh', [
      ...['-F', 'none', '-i', access.identityFile, '-p', String(access.sshPort)],
      ...options.flatMap((option) => ['-o', option]),
      `${access.user}@${access.sshHost}`,
      ...command,
    ]);
    return stdout.trim();
  }
});

/** The image of these inputs, built where the cache has none. */
async function cachedImage(): Promise<StoredImage> {
  const base = await rig('vm-base');
  const disk = join(base, 'base.qcow2');
  const options: PackerBuildOptions = {
    name: NAME,
    base: {
      source: 'qemu-disk-image',
      disk: { file: disk, sha256: await sha256OfFile(disk) },
      login: { user: 'builder', password: (await readFile(join(base, 'password'), 'utf8')).trim() },
    },
    choices: {
      resources: { cpus: 2, memoryMiB: 2048, diskGiB: 6 },
      toolchainSource: 'debian',
      toolchains: { ghc: [] },
      extraPackages: [],
    },
    assets: imageAssets(
      join(repositoryRoot, 'packer'),
      join(repositoryRoot, 'agent/systemd'),
      builtFile('agent/build-agent.cjs'),
    ),
    folder: join(cacheFolder, 'e2e-images'),
    keep: 1,
    onError: 'cleanup',
    accelerator: 'tcg',
    repository: repositoryRoot,
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/root' },
    now: new Date(),
  };
  const { all } = await imageInputs(options);
  return (await findImageOf(options.folder, NAME, all)) ?? packerBuild(options);
}
