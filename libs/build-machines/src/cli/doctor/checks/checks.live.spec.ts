import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { inspectMachines, readPortRegistry, stateFolder } from '@build-machines/machines';
import type { Surroundings } from '../../surroundings.js';
import type { Check, Workstation } from '../check.js';
import { examine } from '../examine.js';
import { installHint } from '../install-hint.js';
import { renderReport } from '../report.js';
import { thisWorkstation } from '../this-workstation.js';
import { allChecks } from './index.js';

/** Programs with what they print, as recorded from real ones. */
type Programs = Record<string, string>;

describe('doctor', () => {
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'doctor-'));
    await write('nx.json', '{}');
  });

  afterEach(async () => {
    await rm(root, { recursive: true });
  });

  const write = async (file: string, text: string): Promise<void> => {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), text);
  };

  const define = async (...machines: { name: string; rest: string }[]): Promise<void> => {
    const lines = machines.map(({ name }, index) => `  ${name}: ${40_000 + index}`);
    await write(
      'port-registry.yml',
      `range: { first: 40000, last: 40009 }\nservices: { relay: 40010, hub: 40011 }\nmachines:\n${lines.join('\n')}\n`,
    );
    for (const { name, rest } of machines) await write(`machines/${name}/machine.yml`, `name: ${name}\n${rest}\n`);
  };

  const workstation = async (programs: Programs, files: Record<string, string> = {}): Promise<Workstation> => ({
    env: {},
    nodeVersion: 'v20.20.2',
    run: (program, args) => {
      const stdout = programs[[program, ...args].join(' ')] ?? programs[program];
      return Promise.resolve(stdout === undefined ? undefined : { stdout, stderr: stdout, exitCode: 0 });
    },
    find: (program) => Promise.resolve(program in programs ? `/usr/bin/${program}` : undefined),
    read: (file) => Promise.resolve(files[file]),
    install: installHint('linux', 'ID=debian'),
    stateFolder: root,
    workspace: { root, registry: await readPortRegistry(root), machines: (await inspectMachines(root)).machines },
    signal: new AbortController().signal,
    now: Date.now,
  });

  const inspect = async (id: string, where: Workstation) => {
    const check = allChecks(root).find((candidate) => candidate.id === id) as Check;
    return check.inspect(where);
  };

  const sandbox = { name: 'sandbox', rest: 'provider: sandbox' };
  const virtual = { name: 'vm', rest: 'provider: virtualbox' };

  it('asks for a program only where a machine needs it', async () => {
    await define(sandbox);
    const bare = await workstation({});
    expect(await inspect('autossh', bare)).toMatchObject({ status: 'missing', fix: 'sudo apt-get install autossh' });
    expect(await inspect('packer', bare)).toMatchObject({ status: 'unneeded' });
    expect(await inspect('virtualbox', bare)).toMatchObject({ status: 'unneeded' });
    await define(virtual);
    await rm(join(root, 'machines/sandbox'), { recursive: true });
    const withVm = await workstation({});
    expect(await inspect('autossh', withVm)).toMatchObject({ status: 'unneeded' });
    expect(await inspect('packer', withVm)).toMatchObject({ status: 'missing' });
    expect(await inspect('virtualbox', withVm)).toMatchObject({ status: 'missing' });
  });

  it('does not ask for VirtualBox here when another computer runs it', async () => {
    await define({ ...virtual, rest: `${virtual.rest}\nhypervisor: me@laptop` });
    expect(await inspect('virtualbox', await workstation({}))).toMatchObject({ status: 'unneeded' });
  });

  it.each([
    ['Packer v1.11.2\n\nYour version of Packer is out of date!', 'ok'],
    ['Packer v1.9.4', 'warning'],
    ['/usr/share/dict/words: skipping line', 'missing'],
  ])('reads %j of packer as %s', async (output, status) => {
    await define(virtual);
    expect(await inspect('packer', await workstation({ packer: output }))).toMatchObject({ status });
  });

  it('reads the version behind the warning that VBoxManage prints without its driver', async () => {
    await define(virtual);
    const output =
      'WARNING: The character device /dev/vboxdrv does not exist.\n\t Please install the virtualbox-dkms package\n7.2.22_Debianr175245\n';
    expect(await inspect('virtualbox', await workstation({ VBoxManage: output }))).toEqual({
      status: 'ok',
      found: '7.2.22 (VBoxManage)',
    });
    expect(await inspect('virtualbox', await workstation({ VBoxManage: '6.1.50r161033\n' }))).toMatchObject({
      status: 'missing',
      found: '6.1.50, older than 7.0',
    });
  });

  describe('under WSL2', () => {
    const kernel = { '/proc/sys/kernel/osrelease': '5.15.167.4-microsoft-standard-WSL2\n' };

    it('takes the VBoxManage of Windows', async () => {
      await define(virtual);
      const windows = '/mnt/c/Program Files/Oracle/VirtualBox/VBoxManage.exe';
      expect(await inspect('virtualbox', await workstation({ [windows]: '7.1.4r165100\r\n' }, kernel))).toEqual({
        status: 'ok',
        found: `7.1.4 (${windows})`,
      });
    });

    it('says how a machine gets through NAT, with the address of this system', async () => {
      await define(virtual);
      const programs = { wslinfo: 'nat\n', hostname: '172.22.1.2 172.17.0.1 \n' };
      expect(await inspect('wsl', await workstation(programs, kernel))).toMatchObject({
        status: 'missing',
        fix: expect.stringContaining('connectport=40010 connectaddress=172.22.1.2') as string,
      });
    });

    it('is content with mirrored networking, and warns only where no machine connects in', async () => {
      await define(sandbox);
      expect(await inspect('wsl', await workstation({ wslinfo: 'mirrored\n' }, kernel))).toMatchObject({
        status: 'ok',
      });
      expect(await inspect('wsl', await workstation({ wslinfo: 'nat\n' }, kernel))).toMatchObject({
        status: 'warning',
      });
    });
  });

  it('names the port that a firewall has to let through', async () => {
    await define(virtual);
    const ufw = { '/etc/ufw/ufw.conf': 'LOGLEVEL=low\nENABLED=yes\n' };
    expect(await inspect('firewall', await workstation({}, ufw))).toMatchObject({
      status: 'warning',
      fix: 'sudo ufw allow proto tcp to any port 40010',
    });
    await define(sandbox);
    await rm(join(root, 'machines/vm'), { recursive: true });
    expect(await inspect('firewall', await workstation({}, ufw))).toMatchObject({ status: 'ok' });
  });

  it('points at the line of a definition that is not valid', async () => {
    await define({ name: 'bad', rest: 'provider: sandbox\nslotz: 1' });
    expect(await inspect('workspace', await workstation({}))).toMatchObject({
      status: 'missing',
      found: expect.stringMatching(/machines\/bad\/machine\.yml:3:1: unknown key "slotz"/) as string,
    });
  });

  it('finds the real programs of this computer, and reports every check with its fix and its page', async () => {
    await define(sandbox);
    const surroundings: Surroundings = {
      cwd: root,
      env: process.env,
      state: stateFolder({ BUILD_MACHINES_HOME: root }),
      bridgeBundle: '',
      stdout: process.stdout,
      stderr: process.stderr,
      signal: new AbortController().signal,
      now: Date.now,
    };
    const report = await examine(allChecks(root), await thisWorkstation(surroundings, root));
    const status = Object.fromEntries(report.map((check) => [check.id, check.status]));
    expect(status).toMatchObject({ node: 'ok', ssh: 'ok', 'ssh-server': 'ok', autossh: 'ok', workspace: 'ok' });
    const text = renderReport(report);
    for (const { title } of report) expect(text).toContain(title);
  });

  it('does not say of machines what it cannot know outside of a workspace', async () => {
    await define(sandbox);
    const outside = { ...(await workstation({ git: 'git version 2.39.5', sshd: '' })), workspace: undefined };
    const checks = allChecks(undefined).filter(({ id }) => ['workspace', 'ports'].includes(id));
    const text = renderReport(await examine(checks, outside));
    expect(text).toContain('There is no workspace here, so no machine was looked at.');
    expect(text).not.toContain('machines of this workspace');
  });

  it('counts one machine as one', async () => {
    await define(sandbox);
    expect(await inspect('workspace', await workstation({}))).toMatchObject({ found: '1 machine, 1 port in use' });
  });

  it('explains every check on its page', () => {
    const page = readFileSync(join(__dirname, '../../../../../../docs/guide/doctor.md'), 'utf8');
    for (const { id } of allChecks(undefined)) expect(page).toMatch(new RegExp(`^## ${id}$`, 'm'));
  });
});
