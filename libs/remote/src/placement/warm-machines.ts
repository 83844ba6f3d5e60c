import { readJsonFile, writeAside } from '@build-machines/machines';
import { join } from 'node:path';
import { z } from 'zod';
import { withStateLock } from '@build-machines/sources';
import { ensureWorkspaceState, workspaceState } from '../workspace-state/workspace-state.js';

/** By folder of cabal.project: the machines that built it, the latest first. */
const WarmMachines = z.record(z.string(), z.array(z.string()));

/** So many are remembered per project. */
const KEPT = 8;

function fileOf(workspaceRoot: string): string {
  return join(workspaceState(workspaceRoot).folder, 'warm-machines.json');
}

/**
 * The machines that hold builds of a cabal project of this workspace, the latest first: what they compiled need not be
 * compiled again, and their records answer repeated runs.
 * @param cabalFolder folder of cabal.project, relative to the workspace.
 */
export async function warmMachines(workspaceRoot: string, cabalFolder: string): Promise<string[]> {
  const all = await readJsonFile(fileOf(workspaceRoot), WarmMachines);
  return all?.[cabalFolder] ?? [];
}

/** Remembers that a machine has built a cabal project. Writes only when that is news. */
export async function rememberWarmMachine(workspaceRoot: string, cabalFolder: string, machine: string): Promise<void> {
  if ((await warmMachines(workspaceRoot, cabalFolder))[0] === machine) return;
  await ensureWorkspaceState(workspaceRoot);
  const file = fileOf(workspaceRoot);
  await withStateLock(file, async () => {
    const all = (await readJsonFile(file, WarmMachines)) ?? {};
    const others = (all[cabalFolder] ?? []).filter((name) => name !== machine);
    const next = { ...all, [cabalFolder]: [machine, ...others].slice(0, KEPT) };
    await writeAside(file, JSON.stringify(next), 0o600);
  });
}
