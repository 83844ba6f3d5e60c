import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesNamed } from '../support/digests.js';
import { eventually } from '../support/eventually.js';
import { shutDown } from '../support/machine.js';
import { failed, isCacheHit, succeeded } from '../support/nx-output.js';
import { mayActAsOthers } from '../support/other-user.js';
import { isAlive } from '../support/processes.js';
import { smallProject } from '../support/small-project.js';
import { makeWorkspace, nx, runIn, writeTree, type Workspace } from '../support/workspace.js';
import { makeWorkstation, removeWorkstation } from '../support/workstation.js';
import { makeSshHost, type SshHost } from './support/ssh-host.js';

// Only root can make the account that stands for another computer.
const asRoot = mayActAsOthers ? describe : describe.skip;

asRoot('a Linux host that is already there', () => {
  let host: SshHost;
  let workspace: Workspace;
  beforeAll(async () => {
    host = await makeSshHost();
    workspace = makeWorkspace(await makeWorkstation());
    writeTree(workspace, smallProject('greeter', 'hello'));
  });
  afterAll(async () => {
    try {
      await shutDown(workspace, []);
    } finally {
      await removeWorkstation(workspace.workstation);
      await host.remove();
    }
  });

  const run = (target: string, ...args: string[]) => nx(workspace, ['run', target, ...args]);
  const agentOf = (machine: string) =>
    eventually(`the agent of ${machine} runs`, () =>
      host.running().find(({ command }) => command.includes(`${machine}/build-agent.cjs serve`)),
    );
  const authorizedKeys = () => readFileSync(join(host.home, '.ssh/authorized_keys'), 'utf8').trimEnd().split('\n');

  describe('with a tunnel', () => {
    it('is defined by the generator, with a port', async () => {
      succeeded(
        await nx(workspace, [
          ...['g', 'build-machines:vm', 'box', '--provider=ssh', `--host=${host.destination}`],
          ...['--relayHost=127.0.0.1', '--no-interactive'],
        ]),
      );
      const { ports } = workspace.workstation;
      expect(readFileSync(join(workspace.root, 'port-registry.yml'), 'utf8')).toContain(`box: ${ports.first + 1}`);
    });

    it('is not trusted at first sight: its host key is shown, and nothing happens there', async () => {
      const { output } = failed(await run('box:up', `--identityFile=${host.personalKey}`));
      expect(output).toContain('[host-key-unconfirmed]');
      expect(output).toContain(`nx run box:up --acceptHostKey=${host.fingerprint()}`);
      expect(existsSync(join(host.home, '.build-machines'))).toBe(false);
      const other = `SHA256:${'A'.repeat(43)}`;
      expect(failed(await run('box:up', `--acceptHostKey=${other}`)).output).toContain('[host-key-not-shown]');
    });

    it('lets nobody in without a key, and says how to', async () => {
      const { output } = failed(await run('box:up', `--acceptHostKey=${host.fingerprint()}`));
      expect(output).toContain('[remote-login]');
      expect(output).toContain(`ssh-copy-id -p ${host.port} ${host.user}@127.0.0.1`);
    });

    it('becomes a machine with one command, as the account and with nothing of root', async () => {
      const { output } = succeeded(await run('box:up', `--identityFile=${host.personalKey}`));
      expect(output).toContain('box is up');
      expect(output).toContain('until the host reboots');
      expect(readdirSync(join(host.home, '.build-machines'))).toEqual(['box']);
      expect(authorizedKeys()).toEqual([
        expect.stringContaining('somebody'),
        expect.stringMatching(/^restrict,pty,port-forwarding ssh-ed25519 \S+ build-machines:box$/),
      ]);
      expect(readFileSync(join(workspace.root, 'machines/box/machine.lock'), 'utf8')).toContain('tool: ghc');
    });

    it('works in every layer', async () => {
      expect(succeeded(await run('box:smoke-test')).output).toContain('all 11 layers work');
      expect(succeeded(await run('box:bridge-status')).output).toMatch(/registered +registered, last heartbeat/);
    });

    it('is left alone when it is up, and needs no personal key any more', async () => {
      const { pid } = await agentOf('box');
      expect(succeeded(await run('box:up')).output).toContain('box is up already');
      expect(isAlive(pid)).toBe(true);
    });

    it('builds, and what it built runs here', async () => {
      succeeded(await run('greeter:remote-build', '--machine=box'));
      const again = succeeded(await run('greeter:remote-build', '--machine=box'));
      expect(isCacheHit(again, 'greeter:remote-build')).toBe(true);
      succeeded(await run('greeter:fetch-artifacts', '--machine=box'));
      const [program] = filesNamed(join(workspace.root, 'dist/remote/greeter'), 'greeter');
      expect((await runIn(workspace, '.', program!, [])).output).toBe('it said hello\n');
      succeeded(await run('greeter:remote-test', '--machine=box'));
    });

    it('gives each log by its name', async () => {
      expect(succeeded(await run('box:logs', '--unit=agent', '--lines=50')).output).toContain('registered at the hub');
      expect(failed(await run('box:logs', '--unit=console')).output).toContain('supervisor, agent, tunnel');
    });

    it('mends itself when a part of it is killed', async () => {
      const killed = await agentOf('box');
      process.kill(killed.pid, 'SIGKILL');
      await eventually('another agent runs', async () => (await agentOf('box')).pid !== killed.pid);
      for (const { pid } of host.running().filter(({ command }) => /^(\S*\/)?ssh /.test(command)))
        process.kill(pid, 'SIGKILL');
      await eventually('the machine works again', async () => (await run('box:smoke-test')).exitCode === 0, 120_000);
    });

    it('is not spoken to when it shows another host key, until that is accepted', async () => {
      await host.renewHostKey();
      const refused = failed(await run('box:up'));
      expect(refused.output).toContain('shows another key than the one that is pinned');
      succeeded(await run('box:up', `--acceptHostKey=${host.fingerprint()}`));
      expect(succeeded(await run('box:smoke-test')).output).toContain('all 11 layers work');
    });

    it('is down with nothing running there, and up again', async () => {
      succeeded(await run('box:down'));
      await eventually('nothing runs on the host', () => host.running().length === 0);
      const refused = failed(await run('greeter:remote-test', '--machine=box', '--skip-nx-cache'));
      expect(refused.output).toContain('nx run box:up');
      succeeded(await run('box:up'));
      await agentOf('box');
    });

    it('is given back: nothing of ours is left there, and ssh does not know it any more', async () => {
      succeeded(await run('box:install-ssh-config'));
      expect(failed(await run('box:destroy')).output).toContain('[confirmation-needed]');
      succeeded(await run('box:destroy', '--yes'));
      await eventually('nothing runs on the host', () => host.running().length === 0);
      expect(existsSync(join(host.home, '.build-machines'))).toBe(false);
      expect(authorizedKeys()).toEqual([expect.stringContaining('somebody')]);
      expect(filesNamed(workspace.workstation.home, 'box')).toEqual([]);
      expect(existsSync(join(workspace.workstation.state, 'machines/box'))).toBe(false);
      expect(readFileSync(join(workspace.workstation.state, 'relay/authorized_keys'), 'utf8')).not.toContain('box');
    });
  });

  describe('without a tunnel', () => {
    it('is defined by the generator, without a port', async () => {
      succeeded(
        await nx(workspace, [
          ...['g', 'build-machines:vm', 'direct', '--provider=ssh', `--host=${host.destination}`],
          ...['--tunnel=false', '--no-interactive'],
        ]),
      );
      expect(readFileSync(join(workspace.root, 'port-registry.yml'), 'utf8')).not.toContain('direct');
    });

    it('is reached where it is, and works in every layer that it has', async () => {
      const first = [`--identityFile=${host.personalKey}`, `--acceptHostKey=${host.fingerprint()}`];
      succeeded(await run('direct:up', ...first));
      expect(host.running().filter(({ command }) => command.includes('autossh'))).toEqual([]);
      const access = JSON.parse(
        readFileSync(join(workspace.workstation.state, 'machines/direct/access.json'), 'utf8'),
      ) as unknown;
      expect(access).toMatchObject({ sshHost: '127.0.0.1', sshPort: host.port, user: host.user });
      expect(succeeded(await run('direct:smoke-test')).output).toContain('all 8 layers work');
    });

    it('builds, goes down and is given back', async () => {
      succeeded(await run('greeter:remote-build', '--machine=direct', '--skip-nx-cache'));
      succeeded(await run('direct:down'));
      await eventually('nothing runs on the host', () => host.running().length === 0);
      succeeded(await run('direct:up'));
      succeeded(await run('direct:destroy', '--yes'));
      expect(existsSync(join(host.home, '.build-machines'))).toBe(false);
    });
  });
});
