import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BuildMachinesError } from '@build-machines/protocol';

/** A command that speaks of a workspace was run outside of one. */
export class OutsideWorkspaceError extends BuildMachinesError {
  readonly code = 'outside-workspace';

  constructor(cwd: string) {
    super(`${cwd} is not in an Nx workspace: there is no nx.json here or above`, {
      hint: 'Change to the folder of your workspace and run the command again.',
    });
  }
}

/** The folder with nx.json that is nearest above `cwd`; undefined where there is none. */
export function findWorkspaceRoot(cwd: string): string | undefined {
  if (existsSync(join(cwd, 'nx.json'))) return cwd;
  const parent = dirname(cwd);
  return parent === cwd ? undefined : findWorkspaceRoot(parent);
}

/** As {@link findWorkspaceRoot}. @throws OutsideWorkspaceError */
export function requireWorkspaceRoot(cwd: string): string {
  const root = findWorkspaceRoot(cwd);
  if (root === undefined) throw new OutsideWorkspaceError(cwd);
  return root;
}
