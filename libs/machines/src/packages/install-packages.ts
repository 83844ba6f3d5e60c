import { BuildMachinesError } from '@build-machines/protocol';
import type { RemoteCommandOptions, RemoteShell } from '../remote-shell/remote-shell.js';
import { shellCommand } from '../remote-shell/shell-word.js';

/** System packages could not be installed on a machine. */
export class PackagesNotInstalledError extends BuildMachinesError {
  readonly code = 'packages-not-installed';
}

/** Exit status by which the script says that sudo would ask for a password, or is not there. */
const NO_SUDO = 77;

/** Names as Debian allows them (Policy, 5.6.1); none can be an option or more than one word. */
const PACKAGE = /^[a-z0-9][a-z0-9+.-]*$/;

/**
 * Installs packages of Debian or Ubuntu as root, over SSH: not through the agent, which can never gain privileges. A
 * package that apt does not know is tried once more after the lists were fetched anew.
 * @throws PackagesNotInstalledError that tells a refused sudo from a failed installation; RemoteLoginError.
 */
export async function installPackages(
  shell: RemoteShell,
  machine: string,
  packages: readonly string[],
  options: Pick<RemoteCommandOptions, 'onOutput' | 'signal'> = {},
): Promise<void> {
  const odd = packages.find((name) => !PACKAGE.test(name));
  if (odd !== undefined || packages.length === 0)
    throw new PackagesNotInstalledError(`${JSON.stringify(odd ?? '')} is no name of a Debian package`, {
      hint: 'Lower-case letters, digits and + . - only, such as libpq-dev.',
    });
  const { exitCode, stderr } = await shell.run(aptScript(packages), options);
  if (exitCode === 0) return;
  const words = stderr.trim().split('\n').at(-1) ?? '';
  const command = `sudo apt-get install -y ${packages.join(' ')}`;
  if (exitCode === NO_SUDO)
    throw new PackagesNotInstalledError(`machine "${machine}": apt-get needs root there, and ${words}`, {
      hint: `Allow it (a line \`<account> ALL=(root) NOPASSWD: /usr/bin/apt-get\` in /etc/sudoers.d), or run there yourself: ${command}`,
    });
  throw new PackagesNotInstalledError(`machine "${machine}": ${packages.join(', ')} could not be installed: ${words}`, {
    hint: `Its words are above. Are the names right? On the machine: apt-cache search ${packages[0] ?? ''}`,
    details: { exitCode },
  });
}

function aptScript(packages: readonly string[]): string {
  const words = shellCommand(packages);
  // Nothing may ask: there is nobody. sudo hands on no environment, so what DEBIAN_FRONTEND says is said by the options.
  return `
apt=$(command -v apt-get || echo /usr/bin/apt-get)
if [ "$(id -u)" = 0 ]; then run() { DEBIAN_FRONTEND=noninteractive "$apt" "$@" </dev/null; }
else
  command -v sudo >/dev/null || { echo 'sudo is not installed' >&2; exit ${NO_SUDO}; }
  refused=$(sudo -n -l "$apt" 2>&1 >/dev/null) || { printf '%s\\n' "\${refused:-sudo refuses it}" >&2; exit ${NO_SUDO}; }
  run() { sudo -n "$apt" "$@" </dev/null; }
fi
install() { run -q -y -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold install --no-install-recommends -- ${words}; }
install || { run -q update && install; }
`;
}
