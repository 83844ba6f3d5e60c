import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  findQemuRecord,
  imageFiles,
  loadMachine,
  qemuLayout,
  readMachineLock,
  tryLogin,
} from '@build-machines/machines';
import { succeeded } from '../../support/nx-output.js';
import { buildMachines } from '../../support/workspace.js';
import { MINUTE, type VmStory } from './story.js';

/** From an image to a machine that is up. */
export function bringUpChapters(story: VmStory): void {
  const { chapter, workspace, state, run, image, consoleFacts, sshPort, inMachine, comesBack } = story;

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
      const password = readFileSync(imageFiles(image().ova).password, 'utf8').trim();
      const again = await tryLogin(
        { kind: 'password', password },
        { machine: 'box', address: { host: '127.0.0.1', port: await sshPort() }, hostKey: undefined },
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
      const listed = succeeded(await buildMachines(workspace(), ['machines', '--json']));
      expect(listed.stdout).toContain('"box"');
    },
    10 * MINUTE,
  );

  chapter(
    'is locked with its image, so that another image makes its targets run again',
    async () => {
      expect(await readMachineLock(await loadMachine(workspace().root, 'box'), state())).toMatchObject({
        toolchains: expect.arrayContaining([{ tool: 'ghc', version: '9.0.2' }]) as unknown,
        image: { sha256: image().provenance.sha256 },
      });
    },
    MINUTE,
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
    'shows its console, and the journals of its parts',
    async () => {
      const logs = async (unit: string): Promise<string> => (await run('box:logs', `--unit=${unit}`)).output;
      expect(await logs('console')).toContain('build-machine host-key ssh-ed25519');
      expect(await logs('agent')).toMatch(/^agent +.*build-agent/m);
      expect(await logs('tunnel')).toMatch(/^tunnel +.*autossh/m);
    },
    3 * MINUTE,
  );

  chapter(
    'passes its smoke test',
    async () => {
      await run('box:smoke-test');
    },
    10 * MINUTE,
  );
}
