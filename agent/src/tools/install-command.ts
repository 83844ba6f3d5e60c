import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { ToolInstallRequest } from '@build-machines/protocol';
import { AgentError } from '../server/agent-error.js';

/** The machine has no way to install what is asked for. */
export class InstallerMissingError extends AgentError {
  readonly code = 'installer-missing';
  readonly status = 422;
  constructor(program: string, what: string, places: readonly string[]) {
    super(`${what} cannot be installed: the machine has no ${program} (looked in ${places.join(', ')}).`, {
      hint:
        program === 'ghcup'
          ? "Install GHCup there (https://www.haskell.org/ghcup/), or the distribution's compiler, if its version will do: sudo apt-get install ghc. Where the machine is a sandbox, that is this computer."
          : `Install it on the machine as root: apt-get install ${program}`,
    });
  }
}

/**
 * The command that installs a tool. Versions and package names were checked by the schema and are arguments, never text
 * for a shell.
 * @param path folders to look for the installer in.
 * @throws InstallerMissingError
 */
export async function installCommand(
  wanted: ToolInstallRequest,
  machine: { home: string; isRoot: boolean; path: readonly string[] },
): Promise<{ label: string; argv: string[]; env: Record<string, string> }> {
  switch (wanted.kind) {
    case 'ghc': {
      const label = `GHC ${wanted.version}`;
      const ghcup = await find('ghcup', label, [join(machine.home, '.ghcup/bin'), ...machine.path]);
      return { label, argv: [ghcup, '--no-verbose', 'install', 'ghc', wanted.version], env: {} };
    }
    case 'apt': {
      const label = `the packages ${wanted.packages.join(' ')}`;
      const apt = await find('apt-get', label, machine.path);
      const install = [apt, 'install', '-y', '--no-install-recommends', ...wanted.packages];
      const argv = machine.isRoot ? install : [await find('sudo', label, machine.path), '-n', ...install];
      return { label, argv, env: { DEBIAN_FRONTEND: 'noninteractive' } };
    }
  }
}

async function find(program: string, what: string, folders: readonly string[]): Promise<string> {
  for (const folder of folders) {
    const file = join(folder, program);
    try {
      await access(file, constants.X_OK);
      return file;
    } catch {
      // Not here.
    }
  }
  throw new InstallerMissingError(program, what, folders);
}
