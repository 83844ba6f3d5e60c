import { readFile } from 'node:fs/promises';
import { findProgram, inspectMachines, readPortRegistry } from '@build-machines/machines';
import { BuildMachinesError } from '@build-machines/protocol';
import type { Surroundings } from '../surroundings.js';
import type { Workstation } from './check.js';
import { installHint } from './install-hint.js';
import { runProgram } from './run-program.js';

/** This computer, as the checks look at it. */
export async function thisWorkstation(
  { env, state, signal, now }: Surroundings,
  workspaceRoot: string | undefined,
): Promise<Workstation> {
  return {
    env,
    nodeVersion: process.version,
    run: (program, args) => runProgram(program, args, signal),
    find: (program) => findProgram(program, env['PATH'] ?? ''),
    read: readIfAllowed,
    install: installHint(process.platform, await readIfAllowed('/etc/os-release')),
    stateFolder: state.root,
    workspace: workspaceRoot === undefined ? undefined : await readWorkspace(workspaceRoot),
    signal,
    now,
  };
}

/** The text of a file, or undefined: what cannot be read tells a check nothing, whatever the reason. */
async function readIfAllowed(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
}

async function readWorkspace(root: string): Promise<Workstation['workspace']> {
  try {
    const registry = await readPortRegistry(root);
    const { machines } = await inspectMachines(root);
    return { root, registry, machines };
  } catch (error) {
    // What is wrong with the files is reported by the check `workspace`.
    if (error instanceof BuildMachinesError) return undefined;
    throw error;
  }
}
