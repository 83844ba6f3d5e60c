import {
  type LoadedMachine,
  machineLockFile,
  type MachineLock,
  readMachineLock,
  type StateFolder,
  writeMachineLock,
} from '@build-machines/machines';
import { type AgentInfo, BuildMachinesError } from '@build-machines/protocol';

/**
 * Brings a machine's lock in line with what the machine has: what builds see of it, and the tools that a run gets which
 * asks for none. What machine.yml pins is not in question here: it is asked for by version.
 * @param image digest of the image that the machine was made from; without it, what the lock says of it stays.
 * @returns the file, where the lock changed.
 */
export async function updateLock(
  machine: LoadedMachine,
  state: StateFolder,
  info: AgentInfo,
  image?: string,
): Promise<string | undefined> {
  const earlier = image === undefined ? (await lockIfReadable(machine, state))?.image : { sha256: image };
  const changed = await writeMachineLock(machine, state, { ...lockOf(info), image: earlier });
  return changed ? machineLockFile(machine, state) : undefined;
}

/** A lock that cannot be read, as after a merge, is written anew like any other. */
async function lockIfReadable(machine: LoadedMachine, state: StateFolder): Promise<MachineLock | null> {
  try {
    return await readMachineLock(machine, state);
  } catch (error) {
    if (error instanceof BuildMachinesError) return null;
    throw error;
  }
}

/** The lock that fits a machine as its agent describes it. */
export function lockOf({ os, arch, defaultToolchain, traits }: AgentInfo): MachineLock {
  const toolchains = Object.values(defaultToolchain).flatMap((tool) =>
    tool === undefined ? [] : [{ tool: tool.tool, version: tool.version }],
  );
  return { version: 2, os, arch, toolchains, traits };
}
