import { type LoadedMachine, type MachineLock, readMachineLock, writeMachineLock } from '@build-machines/machines';
import type { AgentInfo } from '@build-machines/protocol';

/**
 * Brings machine.lock in line with what the machine has: the tools that a run gets which asks for none. What machine.yml
 * pins is not in question here: it is asked for by version.
 * @param image digest of the image that the machine was made from; without it, what the lock says of it stays.
 * @returns whether the lock changed.
 */
export async function updateLock(machine: LoadedMachine, info: AgentInfo, image?: string): Promise<boolean> {
  const earlier = await readMachineLock(machine.folder);
  return writeMachineLock(machine.folder, {
    ...lockOf(info),
    image: image === undefined ? earlier?.image : { sha256: image },
  });
}

/** The lock that fits a machine as its agent describes it. */
export function lockOf({ os, arch, defaultToolchain }: AgentInfo): MachineLock {
  const toolchains = Object.values(defaultToolchain).flatMap((tool) =>
    tool === undefined ? [] : [{ tool: tool.tool, version: tool.version }],
  );
  return { version: 1, os, arch, toolchains };
}
