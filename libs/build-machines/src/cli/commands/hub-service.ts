import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ensurePrivateFolder, readPortRegistry } from '@build-machines/machines';
import { replaceMarkedFile } from '@build-machines/owned-files';
import { hubSystemdUnit } from '@build-machines/state-hub';
import type { Command } from 'commander';
import { printAnswer } from '../output/answer.js';
import type { Surroundings } from '../surroundings.js';
import { requireWorkspaceRoot } from '../workspace-root.js';

/** Name of the unit. */
const UNIT = 'build-machines-hub.service';

/** `hub install-service`: the hub as a systemd user unit, for a hub that runs without the bridge. */
export function addInstallService(hub: Command, surroundings: Surroundings): void {
  hub
    .command('install-service')
    .description('Write a systemd user unit for the hub, so that it runs without the bridge')
    .option('--print', 'print the unit and write nothing')
    .action(async ({ print }: { print?: boolean }) => {
      const { cwd, env, state, bridgeBundle, stdout } = surroundings;
      const { services } = await readPortRegistry(requireWorkspaceRoot(cwd));
      const program = join(dirname(bridgeBundle), 'hub.cjs');
      const unit = hubSystemdUnit({ node: process.execPath, program, state: state.hub }, services.hub);
      if (print === true) {
        stdout.write(unit);
        return;
      }
      const config = env['XDG_CONFIG_HOME'] ?? join(env['HOME'] ?? '', '.config');
      const file = join(config, 'systemd/user', UNIT);
      await mkdir(dirname(file), { recursive: true });
      // The unit needs the folder to be there: it may write nowhere else.
      await ensurePrivateFolder(state.hub);
      await replaceMarkedFile(file, '[Unit]\nDescription=State Hub of build-machines', unit, 0o644);
      const text = `${file} is written. Start the hub, now and at every login:
  npx build-machines bridge stop
  systemctl --user daemon-reload
  systemctl --user enable --now ${UNIT}
`;
      printAnswer(surroundings, false, { data: { file }, text });
    });
}
