import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import {
  imageFolder,
  readConsole,
  sha256OfFile,
  stateFolder,
  tryLogin,
  qemuLayout,
  findQemuRecord,
} from '@build-machines/machines';
import { execa } from 'execa';
import { eventually } from '../support/eventually.js';
import { stopBridge } from '../support/machine.js';
import { failed, isCacheHit, succeeded } from '../support/nx-output.js';
import { processesOf } from '../support/processes.js';
import type { Ended } from '../support/run-program.js';
import { smallProject, wordModule } from '../support/small-project.js';
import {
  buildMachines,
  copyInto,
  makeWorkspace,
  nx,
  runIn,
  startNx,
  writeTree,
  type Workspace,
} from '../support/workspace.js';
import { makeWorkstation, removeWorkstation } from '../support/workstation.js';
import { repository } from '../support/repository.js';
import { chapters } from './support/chapters.js';
import { keepImages, restoreImages } from './support/image-cache.js';
import { otherAppliance } from './support/other-appliance.js';
import { rig, vboxManageProgram } from './support/rigs.js';

const MINUTE = 60_000;

/**
 * A QEMU machine's whole life, as its user sees it: everything through nx in a new workspace. Packer runs the real scripts
 * on a small Debian disk; under emulation a boot takes a minute.
 */
describe('the life of a virtual machine', () => {
  const chapter = chapters();
  let workspace: Workspace;
  let password: string;
  const state = () => stateFolder(workspace.workstation.env);
  const run = async (target: string, ...options: string[]): Promise<Ended> =>
    succeeded(await nx(workspace, ['run', target, ...options], { limit: 15 * MINUTE }));
  const images = (): string[] =>
    readdirSync(imageFolder(state())).filter((file) => file.startsWith('box-') && file.endsWith('.ova'));
  const image = (): string => join(imageFolder(state()), images()[0] ?? 'none');
  const consoleFacts = () => readConsole(readFileSync(qemuLayout(state(), 'box').serialLog, 'utf8'));
  const machines = () => processesOf(workspace.workstation.root).filter(({ command }) => /qemu-system/.test(command));
  const inMachine = async (...command: string[]): Promise<string> => {
    const config = join(workspace.workstation.home, '.ssh/config');
    const ended = await runIn(workspace, '.', 'ssh', ['-F', config, '-o', 'ConnectTimeout=20', 'box', ...command]);
    return succeeded(ended).stdout.trim();
  };
  /** Whether everything that a build needs works, by the machine's own account. */
  const isUp = async (): Promise<boolean> => (await nx(workspace, ['run', 'box:bridge-status'])).exitCode === 0;
  const comesBack = (): Promise<boolean> => eventually('the machine is back', isUp, 5 * MINUTE);

  beforeAll(async () => {
    workspace = makeWorkspace(await makeWorkstation(), []);
    await restoreImages(imageFolder(state()), 'box');
  });

  afterAll(async () => {
    await nx(workspace, ['run', 'box:destroy', '--yes']); // Undone already unless a chapter failed.
    await stopBridge(workspace);
    await removeWorkstation(workspace.workstation);
  }, 3 * MINUTE);

  chapter(
    'begins with a definition and a port of its own',
    async () => {
      const options = ['--provider=qemu', '--cpus=2', '--memory=2048', '--disk=8', '--ghc=9.0.2', '--cabal=3.4.1.0'];
      succeeded(await nx(workspace, ['generate', 'build-machines:vm', 'box', ...options, '--no-interactive']));
      expect(readFileSync(join(workspace.root, 'port-registry.yml'), 'utf8')).toContain(
        `box: ${workspace.workstation.ports.first}`,
      );
      const base = await rig('vm-base');
      // How an image is built is configured like any target: here on a Debian disk, with Debian's compilers.
      const packerBuild = {
        options: {
          baseDisk: join(base, 'base.qcow2'),
          baseDiskSha256: await sha256OfFile(join(base, 'base.qcow2')),
          baseDiskUser: 'builder',
          baseDiskPasswordFile: join(base, 'password'),
          toolchainSource: 'debian',
        },
      };
      writeTree(workspace, {
        'machines/box/project.json': JSON.stringify({ name: 'box', targets: { 'packer-build': packerBuild } }),
        ...smallProject('hello', 'first'),
      });
    },
    25 * MINUTE,
  );

  chapter(
    'has an image built, with digest, origin, contents and password beside it',
    async () => {
      await run('box:packer-build');
      await keepImages(imageFolder(state()), 'box');
      const record = JSON.parse(readFileSync(join(workspace.root, 'dist/remote/.images/box/image.json'), 'utf8')) as {
        ova: string;
        provenance: { sha256: string; toolchains: { tool: string; version: string }[] };
      };
      expect(record.ova).toBe(image());
      expect(record.provenance.sha256).toBe(await sha256OfFile(image()));
      expect(record.provenance.toolchains).toContainEqual({ tool: 'ghc', version: '9.0.2' });
      const stem = image().replace(/\.ova$/, '');
      expect(readFileSync(`${image()}.sha256`, 'utf8')).toContain(record.provenance.sha256);
      expect(readFileSync(`${stem}.cdx.json`, 'utf8')).toContain('"CycloneDX"');
      expect(statSync(`${stem}.password`).mode & 0o777).toBe(0o600);
      password = readFileSync(`${stem}.password`, 'utf8').trim();
    },
    15 * MINUTE,
  );

  chapter(
    'needs no second build when nothing changed',
    async () => {
      expect(isCacheHit(await run('box:packer-build'), 'box:packer-build')).toBe(true);
      expect(images()).toHaveLength(1);
    },
    2 * MINUTE,
  );

  chapter(
    'is built anew after a change of a script, and leaves nothing when that is interrupted',
    async () => {
      copyInto(workspace, join(repository, 'packer'), 'packer');
      const step = 'packer/scripts/steps/70-smoke-check.sh';
      writeTree(workspace, { [step]: `${readFileSync(join(workspace.root, step), 'utf8')}# changed\n` });
      const building = startNx(workspace, ['run', 'box:packer-build'], { limit: 5 * MINUTE });
      await eventually('Packer runs a machine', () => machines().length > 0, 2 * MINUTE);
      building.signalGroup('SIGINT');
      expect((await building.ended).exitCode).not.toBe(0);
      await eventually(
        'everything of the build has ended',
        () => !processesOf(workspace.workstation.root).some(({ command }) => /qemu-system|packer/.test(command)),
      );
      await eventually(
        'its files are gone',
        () => !readdirSync(imageFolder(state())).some((f) => f.startsWith('.build-')),
      );
      writeTree(workspace, { packer: null });
      expect(isCacheHit(await run('box:packer-build'), 'box:packer-build')).toBe(true);
    },
    8 * MINUTE,
  );

  chapter(
    'has an appliance that VirtualBox takes too, bridged and sized as its machine.yml says',
    async () => {
      const { root, env: own } = workspace.workstation;
      mkdirSync(join(root, 'bin'));
      symlinkSync(vboxManageProgram, join(root, 'bin/VBoxManage'));
      const env = {
        PATH: `${join(root, 'bin')}:${own['PATH'] ?? ''}`,
        VBOX_CHROOT: await rig('vbox-chroot'),
        VBOX_USER_HOME: join(root, 'vbox'),
        VBOX_IPC_SOCKETID: `bm-${process.pid}`,
      };
      const vbox = async (...args: string[]): Promise<string> => (await execa(vboxManageProgram, args, { env })).stdout;
      await vbox('setproperty', 'machinefolder', join(root, 'vms'));
      const [, card = ''] = /^Name: +(\S+)$/m.exec(await vbox('list', 'bridgedifs')) ?? [];
      const options = [`--image=${image()}`, `--bridgedInterface=${card}`, '--cpus=3', '--memory=1536'];
      const more = ['--provider=virtualbox', '--ghc=9.0.2', '--relayHost=192.0.2.1', '--no-interactive'];
      succeeded(await nx(workspace, ['generate', 'build-machines:vm', 'vbox', ...options, ...more], { env }));

      const importing = (): Promise<Ended> => nx(workspace, ['run', 'vbox:vm-import', '--start=false'], { env });
      succeeded(await importing());
      const info = await vbox('showvminfo', 'vbox', '--machinereadable');
      for (const line of ['cpus=3', 'memory=1536', 'nic1="bridged"', `bridgeadapter1="${card}"`])
        expect(info.split('\n')).toContain(line);
      expect(succeeded(await importing()).output).toContain('vbox exists and is kept');
      // There is no kernel driver for VirtualBox here.
      expect(failed(await nx(workspace, ['run', 'vbox:vm-start'], { env })).output).toContain('vboxconfig');
      succeeded(await nx(workspace, ['run', 'vbox:destroy', '--yes'], { env }));
      expect(await vbox('list', 'vms')).not.toContain('"vbox"');
      writeTree(workspace, { 'machines/vbox': null });
    },
    10 * MINUTE,
  );

  chapter(
    'is imported, boots, and says its host key on its console',
    async () => {
      await run('box:vm-import');
      expect(consoleFacts().hostKey).toMatch(/^ssh-ed25519 /);
      expect(await findQemuRecord(qemuLayout(state(), 'box'))).toMatchObject({ cpus: 2, memoryMiB: 2048 });
    },
    10 * MINUTE,
  );

  chapter(
    'takes keys over its one-time password, which is refused afterwards',
    async () => {
      await run('box:inject-keys');
      const record = await findQemuRecord(qemuLayout(state(), 'box'));
      const again = await tryLogin(
        { kind: 'password', password },
        { machine: 'box', address: { host: '127.0.0.1', port: record?.sshPort ?? 0 }, hostKey: undefined },
      );
      expect(again).toBeUndefined();
      expect(readFileSync(join(state().machine('box'), 'host_key.pub'), 'utf8').trim()).toBe(consoleFacts().hostKey);
      expect(existsSync(join(state().machine('box'), 'one-time-password'))).toBe(false);
    },
    10 * MINUTE,
  );

  chapter(
    'connects out, registers, and is left alone when it is up already',
    async () => {
      await run('box:up');
      await comesBack();
      const since = await inMachine('systemctl', 'show', '--value', '-p', 'ActiveEnterTimestamp', 'build-agent');
      const again = await run('box:up');
      expect(again.output).toContain('box has its keys and settings');
      expect(again.output).toContain('box is up already');
      expect(await inMachine('systemctl', 'show', '--value', '-p', 'ActiveEnterTimestamp', 'build-agent')).toBe(since);
      const listed = succeeded(await buildMachines(workspace, ['machines', '--json']));
      expect(listed.stdout).toContain('"box"');
    },
    10 * MINUTE,
  );

  chapter(
    'has the whole disk as its file system',
    async () => {
      const size = Number(await inMachine('df', '--output=size', '-B1M', '/', '|', 'tail', '-n1'));
      expect(size).toBeGreaterThan(7 * 1024);
    },
    2 * MINUTE,
  );

  chapter(
    'passes its smoke test',
    async () => {
      await run('box:smoke-test');
    },
    10 * MINUTE,
  );

  chapter(
    'builds, and gives back what it built',
    async () => {
      await run('hello:remote-build', '--machine=box');
      await run('hello:fetch-artifacts', '--machine=box');
      const files = execFileSync('find', [join(workspace.root, 'dist/remote/hello'), '-type', 'f'], {
        encoding: 'utf8',
      });
      expect(files).toMatch(/\/hello$/m);
    },
    10 * MINUTE,
  );

  chapter(
    'comes back by itself after a reboot, as the same machine',
    async () => {
      const boot = await inMachine('cat', '/proc/sys/kernel/random/boot_id');
      const { hostKey } = consoleFacts();
      await inMachine('sudo', '-n', 'systemctl', 'reboot').catch(() => undefined); // The connection may break first.
      await eventually(
        'another boot answers',
        async () => (await inMachine('cat', '/proc/sys/kernel/random/boot_id').catch(() => boot)) !== boot,
        6 * MINUTE,
      );
      await comesBack();
      expect(consoleFacts().hostKey).toBe(hostKey);
    },
    12 * MINUTE,
  );

  chapter(
    'comes back by itself after the relay was restarted',
    async () => {
      await stopBridge(workspace);
      await run('box:up');
      await comesBack();
    },
    10 * MINUTE,
  );

  chapter(
    'takes a new tunnel key',
    async () => {
      const keys = join(state().relay, 'authorized_keys');
      const before = readFileSync(keys, 'utf8');
      await run('box:inject-keys', '--rotate');
      expect(readFileSync(keys, 'utf8')).not.toBe(before);
      await comesBack();
    },
    10 * MINUTE,
  );

  chapter(
    'is replaced by a machine of another image, and the next build works',
    async () => {
      const identity = await inMachine('cat', '/etc/machine-id');
      const { hostKey } = consoleFacts();
      const other = join(workspace.root, 'other.ova');
      await otherAppliance(image(), other);
      const definition = readFileSync(join(workspace.root, 'machines/box/machine.yml'), 'utf8');
      writeTree(workspace, { 'machines/box/machine.yml': `${definition}image: other.ova\n` });
      await run('box:vm-import', '--replace');
      await run('box:up');
      await comesBack();
      expect(consoleFacts().hostKey).not.toBe(hostKey);
      expect(await inMachine('cat', '/etc/machine-id')).not.toBe(identity);
      writeTree(workspace, { 'hello/src/Word.hs': wordModule('second') });
      await run('hello:remote-build', '--machine=box');
      await run('hello:fetch-artifacts', '--machine=box');
      expect((await run('hello:remote-run', '--machine=box')).output).toContain('it said second');
    },
    20 * MINUTE,
  );

  chapter(
    'ends, and leaves nothing',
    async () => {
      await run('box:down');
      expect(machines()).toEqual([]);
      await run('box:destroy', '--yes');
      expect(existsSync(state().machine('box'))).toBe(false);
      await stopBridge(workspace);
      await eventually('nothing runs', () => processesOf(workspace.workstation.root).length === 0);
    },
    5 * MINUTE,
  );
});
