import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../../support/eventually.js';
import { stopBridge } from '../../support/machine.js';
import { MINUTE, type VmStory } from './story.js';

/** What happens to a machine in its life, and does not end it. */
export function recoveryChapters(story: VmStory): void {
  const { chapter, sideStory, workspace, state, run, machines, consoleFacts, inMachine, comesBack } = story;
  const bootId = (): Promise<string> => inMachine('cat', '/proc/sys/kernel/random/boot_id');

  chapter(
    'comes back by itself after a reboot, as the same machine',
    async () => {
      const boot = await bootId();
      const { hostKey } = consoleFacts();
      await inMachine('sudo', '-n', 'systemctl', 'reboot').catch(() => undefined); // The connection may break first.
      const isAnother = async (): Promise<boolean> => (await bootId().catch(() => boot)) !== boot;
      await eventually('another boot answers', isAnother, 6 * MINUTE);
      await comesBack();
      expect(consoleFacts().hostKey).toBe(hostKey);
    },
    12 * MINUTE,
  );

  sideStory(
    'is stopped and started, and comes back',
    async () => {
      await run('box:vm-stop', '--timeoutSeconds=120');
      expect(machines()).toEqual([]);
      await run('box:vm-start');
      await comesBack();
    },
    10 * MINUTE,
  );

  sideStory(
    'comes back by itself after the relay was restarted',
    async () => {
      await stopBridge(workspace());
      await run('box:up');
      await comesBack();
    },
    10 * MINUTE,
  );

  sideStory(
    "takes a new tunnel key, and the workstation's agent where it has another",
    async () => {
      const program = '/opt/build-agent/build-agent.cjs';
      const configure = 'sudo -n /usr/local/sbin/build-machine-configure agent';
      const digest = async (): Promise<string> => (await inMachine('sha256sum', program)).slice(0, 64);
      const ours = await digest();
      await inMachine(`{ cat ${program}; echo '// another version'; } | ${configure}`);
      expect(await digest()).not.toBe(ours);
      const keys = join(state().relay, 'authorized_keys');
      const before = readFileSync(keys, 'utf8');
      await run('box:inject-keys', '--rotate');
      expect(readFileSync(keys, 'utf8')).not.toBe(before);
      await comesBack();
      expect(await digest()).toBe(ours);
    },
    10 * MINUTE,
  );
}
