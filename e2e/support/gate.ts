import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from './eventually.js';
import type { Running } from './run-program.js';
import type { Workspace } from './workspace.js';

/** The gate of a workspace's gated project: a file that is there when it is open. */
export function gateOf(workspace: Workspace): string {
  return join(workspace.workstation.root, 'gate');
}

/** Closes the gate, and forgets who waited at it. */
export function closeGate(workspace: Workspace): void {
  for (const file of [gateOf(workspace), `${gateOf(workspace)}.waiting`]) rmSync(file, { force: true });
}

/**
 * Waits until a compilation stops at the gate.
 * @throws Error with what the build has shown, when none comes.
 */
export async function reachesGate(workspace: Workspace, building: Running): Promise<void> {
  try {
    await eventually('a compilation stops at the gate', () => existsSync(`${gateOf(workspace)}.waiting`), 120_000);
  } catch (error) {
    throw new Error(`${String(error)}; the build showed:\n${building.output()}`, { cause: error });
  }
}
