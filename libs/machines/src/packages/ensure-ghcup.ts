import { BuildMachinesError } from '@build-machines/protocol';
import type { Pins } from '../images/packer/pins.js';
import type { RemoteShell } from '../remote-shell/remote-shell.js';
import { shellWord } from '../remote-shell/shell-word.js';

/** GHCup is not on a machine and could not be put there. */
export class GhcupNotInstalledError extends BuildMachinesError {
  readonly code = 'ghcup-not-installed';
}

/**
 * Makes sure that an account has GHCup: its own, or else the pinned program, checked by SHA-256 before it is in place.
 * GHCup in turn checks the compilers that it downloads.
 * @returns whether it was installed now.
 * @throws GhcupNotInstalledError; RemoteLoginError.
 */
export async function ensureGhcup(
  shell: RemoteShell,
  machine: string,
  { version, x86_64, aarch64 }: Pins['ghcup'],
  signal?: AbortSignal,
): Promise<boolean> {
  const script = `
set -eu
umask 022
PATH="$PATH:$HOME/.ghcup/bin"
if command -v ghcup >/dev/null; then exit 0; fi
case $(uname -m) in
  x86_64) url=${shellWord(x86_64.url)} sum=${x86_64.sha256} ;;
  aarch64) url=${shellWord(aarch64.url)} sum=${aarch64.sha256} ;;
  *) echo "GHCup has no pinned program for $(uname -m)" >&2; exit 1 ;;
esac
mkdir -p "$HOME/.ghcup/bin"
new="$HOME/.ghcup/bin/.ghcup.new"
trap 'rm -f "$new"' EXIT
if command -v curl >/dev/null; then curl --fail --silent --show-error --location --proto '=https' --output "$new" "$url"
else wget -q -O "$new" "$url"; fi
printf '%s  %s\\n' "$sum" "$new" | sha256sum -c >/dev/null 2>&1 || { echo "$url is not what it was when it was pinned" >&2; exit 1; }
chmod 755 "$new"
mv -f "$new" "$HOME/.ghcup/bin/ghcup"
echo installed
`;
  const { exitCode, stdout, stderr } = await shell.run(script, { signal });
  if (exitCode === 0) return stdout.includes('installed');
  throw new GhcupNotInstalledError(
    `machine "${machine}": GHCup ${version} could not be installed: ${stderr.trim().split('\n').at(-1) ?? ''}`,
    {
      hint: `Can the machine reach the internet, and has it curl or wget? Or take the distribution's compiler: nx run ${machine}:apt-install --packages=ghc`,
    },
  );
}
