import { execa } from 'execa';
import { join } from 'node:path';

/** Root of this repository; jest runs in it or in e2e/. */
export const repositoryRoot = join(__dirname, '..', '..', '..');

/** Where the rigs and these tests keep what is slow to make. */
export const cacheFolder = process.env['BUILD_MACHINES_CACHE'] ?? join(repositoryRoot, '.cache');

/** Runs a rig of tools/rigs and returns the folder that it prints; slow the first time, quick afterwards. */
export async function rig(name: 'vm-base' | 'vbox-chroot'): Promise<string> {
  const { stdout } = await execa(join(repositoryRoot, 'tools', 'rigs', `${name}.sh`), [], {
    stdin: 'ignore',
    stderr: 'inherit',
  });
  return stdout.trim();
}

/** The real VBoxManage, of the chroot. */
export const vboxManageProgram = join(repositoryRoot, 'tools', 'rigs', 'VBoxManage');
