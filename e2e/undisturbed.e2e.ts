import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesNamed } from './support/digests.js';
import { eventually } from './support/eventually.js';
import { closeGate, gateOf, reachesGate } from './support/gate.js';
import { processesOfPart, processOfPart, shutDown, up } from './support/machine.js';
import { failed, succeeded } from './support/nx-output.js';
import { workspaceOfRelease } from './support/other-release.js';
import type { Running } from './support/run-program.js';
import { gatedProject, smallProject } from './support/small-project.js';
import { buildMachines, makeWorkspace, nx, runIn, startNx, writeTree, type Workspace } from './support/workspace.js';
import { makeWorkstation, removeWorkstation, type Workstation } from './support/workstation.js';

/** The same terminal as another program would open it: VS Code, nvm, direnv, cron. */
const otherShell = {
  PATH: `/opt/elsewhere/bin:${process.env['PATH'] ?? ''}`,
  LANG: 'C',
  LC_ALL: 'POSIX',
  TERM: 'vt100',
};

describe('a build that runs', () => {
  let workstation: Workstation;
  /** Where it was started. */
  let here: Workspace;
  /** Another clone of the same user: its sandbox has other settings, and `other` wants the port of our sandbox. */
  let clone: Workspace;
  let newer: Workspace;
  let building: Running;
  let agent: number;

  /** The process of one machine, of which there are two from the middle on. */
  const partOf = (machine: string, part: 'agent' | 'supervisor'): Promise<number> =>
    eventually(`the ${part} of ${machine} runs`, () => {
      const processes = processesOfPart(workstation, part);
      return processes.find(({ command }) => command.includes(`/sandboxes/${machine}/`))?.pid;
    });

  const nothingHappened = async (): Promise<void> => {
    expect(await partOf('sandbox', 'agent')).toBe(agent);
    expect(building.output()).not.toMatch(/cancel|stopping|once more/i);
    let ended = false;
    void building.ended.then(() => (ended = true));
    await new Promise(setImmediate);
    expect(ended).toBe(false);
  };

  beforeAll(async () => {
    workstation = await makeWorkstation();
    here = makeWorkspace(workstation, ['sandbox'], 'here');
    clone = makeWorkspace(workstation, ['other', 'sandbox'], 'clone');
    newer = workspaceOfRelease(workstation, { name: 'newer', machines: ['sandbox'], release: '99.0.0' });
    const slots = { 'machines/sandbox/machine.yml': 'name: sandbox\nprovider: sandbox\nslots: 2\n' };
    writeTree(here, { ...slots, ...gatedProject('gated', gateOf(here)), ...gatedProject('asked', gateOf(here)) });
    writeTree(clone, smallProject('small', 'clone'));
    writeTree(newer, { ...slots, ...smallProject('small', 'newer') });
    await up(here);
    closeGate(here);
    building = startNx(here, ['run', 'gated:remote-build']);
    await reachesGate(here, building);
    agent = await partOf('sandbox', 'agent');
  });
  afterAll(async () => {
    try {
      await shutDown(clone, ['other', 'sandbox']);
    } finally {
      await removeWorkstation(workstation);
    }
  });

  describe('in the middle', () => {
    afterEach(nothingHappened);

    it('goes on when another terminal brings the machine up, with another PATH and locale', async () => {
      const again = succeeded(await nx(here, ['run', 'sandbox:up'], { env: otherShell }));
      expect(again.output).toContain('sandbox is up already');
    });

    it('goes on when another clone brings the machine up with other settings, which wait', async () => {
      const { output } = succeeded(await nx(clone, ['run', 'sandbox:up']));
      expect(output).toContain('gated:remote-build of');
      expect(output).toContain('slots: 2 → 1');
      expect(output).toContain('nx run sandbox:up --restart');
    });

    it('goes on when another clone builds on the machine, which works', async () => {
      const { output } = succeeded(
        await nx(clone, ['run', 'small:fetch-artifacts', '--machine=sandbox'], { env: otherShell }),
      );
      expect(output).toContain('nx run sandbox:up');
      const [program] = filesNamed(join(clone.root, 'dist/remote/small'), 'small');
      expect(succeeded(await runIn(clone, '.', program!, [])).output.trim()).toBe('it said clone');
    });

    it('goes on when another clone has a machine on its port, which finds another', async () => {
      succeeded(await nx(clone, ['run', 'other:up']));
      const { output } = succeeded(await nx(clone, ['run', 'small:remote-test', '--machine=other', '--skipNxCache']));
      expect(output).toContain('small');
    });

    it.each([['down'], ['destroy', '--yes']])(
      'goes on when another clone says %s, which is refused',
      async (...args) => {
        const [target, ...options] = args;
        const { output } = failed(await nx(clone, ['run', `sandbox:${target}`, ...options]));
        expect(output).toMatch(/Machine "sandbox" is busy.*\n +gated:remote-build of/);
        expect(output).toContain('--force');
      },
    );

    it('goes on when a compiler or packages are to be installed', async () => {
      failed(await nx(here, ['run', 'sandbox:ghc-install', '9.99.1']));
      failed(await nx(here, ['run', 'sandbox:apt-install', '--packages=libpq-dev']));
    });

    it('goes on when a newer release of the plugin builds and brings the machine up', async () => {
      const bridge = (await processOfPart(workstation, 'bridge')).pid;
      succeeded(await nx(newer, ['run', 'small:remote-build']));
      expect(succeeded(await nx(newer, ['run', 'sandbox:up'])).output).toContain('99.0.0');
      expect((await processOfPart(workstation, 'bridge')).pid).toBe(bridge);
    });

    it('goes on when Nx is reset', async () => {
      succeeded(await nx(here, ['reset']));
    });

    it('goes on when the bridge is to be stopped, which is refused, and when it is killed', async () => {
      expect(failed(await buildMachines(clone, ['bridge', 'stop'])).output).toContain('--force');
      const { pid } = await processOfPart(workstation, 'bridge');
      process.kill(pid, 'SIGKILL');
      await eventually('there is a new bridge', () =>
        processesOfPart(workstation, 'bridge').some((it) => it.pid !== pid),
      );
    });

    it('goes on when the supervisor of its machine is killed and somebody brings the machine up', async () => {
      process.kill(await partOf('sandbox', 'supervisor'), 'SIGKILL');
      succeeded(await nx(clone, ['run', 'sandbox:up'], { env: otherShell }));
    });
  });

  describe('at its end', () => {
    it('has built, and then the machine takes what waited for it', async () => {
      writeFileSync(gateOf(here), '');
      expect(succeeded(await building.ended).output).not.toMatch(/cancel|once more/i);
      const { output } = succeeded(await nx(newer, ['run', 'sandbox:up']));
      expect(output).toContain('starting machine "sandbox"');
      expect(await partOf('sandbox', 'agent')).not.toBe(agent);
      expect(succeeded(await nx(here, ['run', 'sandbox:up'])).output).toContain('sandbox is up already');
    });

    it('was ended only by one who asked for that', async () => {
      closeGate(here);
      building = startNx(here, ['run', 'asked:remote-build']);
      await reachesGate(here, building);
      succeeded(await nx(here, ['run', 'sandbox:up', '--restart']));
      expect(failed(await building.ended).output).toContain('the agent is stopping');
    });
  });
});
