import { stateFolder, type StateFolder } from '@build-machines/machines';
import {
  BuildMachinesError,
  type ToolchainRequest,
  type TraitParts,
  traitsDigest,
  traitsSeen,
} from '@build-machines/protocol';
import { randomUUID } from 'node:crypto';
import { toolchainRequest } from '../haskell-task/toolchain-request.js';
import { candidatesFor, type PoolOptions, takingPart } from './machine-pool.js';
import { sandboxNow } from './sandbox-now.js';

/**
 * What the machines that may run a task contribute to its hash: one text for each set of traits and tools among them,
 * sorted. Two machines of the same traits contribute one text, so another one beside them, a label, or a number of slots
 * changes no hash. While nobody knows what a machine has, because it was never up, nothing that it makes may be found
 * again: then the text is another one each time, as for a sandbox that is not as its lock says.
 * @param options the task's options, those of the command line included.
 */
export async function hashedTraits(
  workspaceRoot: string,
  options: PoolOptions,
  state: StateFolder = stateFolder(),
): Promise<string[]> {
  const texts = new Set<string>();
  for (const { machine, lock } of takingPart(await candidatesOrNone(workspaceRoot, options, state))) {
    if (lock?.traits === undefined) return [randomUUID()];
    const request = toolchainRequest(options, machine, lock);
    const text = traitsText(request, traitsSeen(lock.traits, request));
    // A sandbox is at hand to be asked. The run then says what differs.
    const { provider, name } = machine.definition;
    const now = provider === 'sandbox' ? await sandboxNow(state, name) : undefined;
    if (now !== undefined && traitsText(request, traitsSeen(now, request)) !== text) return [randomUUID()];
    texts.add(text);
  }
  return texts.size === 0 ? [randomUUID()] : [...texts].sort();
}

/** What one machine contributes: the tools that a run asks it for, and what it sees there. */
export function traitsText({ ghc, cabal }: ToolchainRequest, parts: TraitParts): string {
  return JSON.stringify([ghc, cabal, traitsDigest(parts)]);
}

/** What is wrong with a machine's files is the task's to report; its result is found by nobody. */
async function candidatesOrNone(
  workspaceRoot: string,
  options: PoolOptions,
  state: StateFolder,
): ReturnType<typeof candidatesFor> {
  try {
    return await candidatesFor(workspaceRoot, options, state);
  } catch (error) {
    if (error instanceof BuildMachinesError) return [];
    throw error;
  }
}
