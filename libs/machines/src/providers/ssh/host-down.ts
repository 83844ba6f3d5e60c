import { removeMachineAccess } from '../../access/access-record.js';
import { forgetHostKey } from '../../injection/pinned-host-key.js';
import { shellWord } from '../../remote-shell/shell-word.js';
import type { StateFolder } from '../../state/state-folder.js';
import { unitName } from './host-layout.js';
import { removeHostRecord } from './host-record.js';
import type { AdoptedHost } from './host-shell.js';
import { installUnits } from './install-host.js';
import { authorizedKeysMark } from './prepare-host.js';
import { stopScript, systemctl } from './services.js';

/**
 * Ends agent and tunnel on a host, also for its next boot. What they built stays there.
 * @throws RemoteLoginError, RemoteCommandError
 */
export async function hostDown(
  state: StateFolder,
  { shell, services }: AdoptedHost,
  signal?: AbortSignal,
): Promise<void> {
  await shell.succeed('Ending agent and tunnel', stopScript(services), { signal });
  await removeMachineAccess(state, services.name);
}

/**
 * Gives a host back: ends what runs, removes units, the machine's folder with its mirrors, and the build key, in this
 * order, because the key is what all of it is done with. Packages that were installed stay.
 * @throws RemoteLoginError, RemoteCommandError
 */
export async function giveHostBack(
  state: StateFolder,
  { shell, services, record }: AdoptedHost,
  signal?: AbortSignal,
): Promise<void> {
  const { name, layout, init, isRoot } = services;
  await shell.succeed('Ending agent and tunnel', stopScript(services), { signal });
  if (init !== 'supervisor') {
    const units = { [unitName('agent', name)]: null, [unitName('tunnel', name)]: null };
    await installUnits(shell, { init, home: record.home, isRoot, units, signal });
    await shell.succeed('Reloading systemd', `${systemctl(services)} daemon-reload`, { signal });
  }
  const script = `
set -eu
umask 077
if [ -s ${shellWord(layout.owner)} ] && [ ! -L ${shellWord(layout.root)} ]; then rm -rf ${shellWord(layout.root)}; fi
rmdir "$HOME/.build-machines" 2>/dev/null || :
keys="$HOME/.ssh/authorized_keys"
if [ -e "$keys" ]; then
  grep -v -e ${shellWord(` ${authorizedKeysMark(name)}$`)} "$keys" >"$keys.build-machines" || :
  if [ -L "$keys" ]; then cat "$keys.build-machines" >"$keys"; rm -f "$keys.build-machines"
  else mv -f "$keys.build-machines" "$keys"; fi
fi`;
  await shell.succeed('Removing the machine', script, { signal });
  await forgetHost(state, name);
}

/** Forgets a host on the workstation only: for one that is gone. */
export async function forgetHost(state: StateFolder, name: string): Promise<void> {
  await removeMachineAccess(state, name);
  await removeHostRecord(state, name);
  await forgetHostKey(state, name);
}
