import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { failed, succeeded } from '../../support/nx-output.js';
import type { Ended } from '../../support/run-program.js';
import { nx, writeTree } from '../../support/workspace.js';
import { rig, vboxManageProgram } from '../support/rigs.js';
import { MINUTE, type VmStory } from './story.js';

/** The image of the QEMU machine, as a machine of the real VirtualBox. */
export function virtualBoxChapter({ sideStory, workspace, image }: VmStory): void {
  sideStory(
    'has an appliance that VirtualBox takes too, bridged and sized as its machine.yml says',
    async () => {
      const { root, env: own } = workspace().workstation;
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
      const options = [`--image=${image().ova}`, `--bridgedInterface=${card}`, '--cpus=3', '--memory=1536'];
      const more = ['--provider=virtualbox', '--ghc=9.0.2', '--relayHost=192.0.2.1', '--no-interactive'];
      const inVirtualBox = (...args: string[]): Promise<Ended> => nx(workspace(), args, { env });
      succeeded(await inVirtualBox('generate', 'build-machines:vm', 'vbox', ...options, ...more));

      succeeded(await inVirtualBox('run', 'vbox:vm-import', '--start=false'));
      const info = await vbox('showvminfo', 'vbox', '--machinereadable');
      for (const line of ['cpus=3', 'memory=1536', 'nic1="bridged"', `bridgeadapter1="${card}"`])
        expect(info.split('\n')).toContain(line);
      const again = await inVirtualBox('run', 'vbox:vm-import', '--start=false');
      expect(succeeded(again).output).toContain('vbox exists and is kept');
      // There is no kernel driver for VirtualBox here.
      expect(failed(await inVirtualBox('run', 'vbox:vm-start')).output).toContain('vboxconfig');
      succeeded(await inVirtualBox('run', 'vbox:destroy', '--yes'));
      expect(await vbox('list', 'vms')).not.toContain('"vbox"');
      writeTree(workspace(), { 'machines/vbox': null });
    },
    10 * MINUTE,
  );
}
