import type { LoadedMachine } from '@build-machines/machines';
import type { ToolchainRequest } from '@build-machines/protocol';

/** The part of machine.lock that decides which tools are asked for. */
export interface LockedTools {
  readonly toolchains: readonly { readonly tool: string; readonly version: string }[];
}

/**
 * The exact toolchain to ask the machine for: the task's options, else machine.yml, else its lock. The hash of a task is
 * made from the same three, see docs/decisions/0004-toolchain-from-the-lock.md.
 */
export function toolchainRequest(
  options: ToolchainRequest,
  machine: Pick<LoadedMachine, 'definition'>,
  lock: LockedTools | null,
): ToolchainRequest {
  const locked = (tool: string): string | undefined => lock?.toolchains.find((entry) => entry.tool === tool)?.version;
  const { toolchains } = machine.definition;
  return {
    ghc: options.ghc ?? toolchains.ghc[0] ?? locked('ghc'),
    cabal: options.cabal ?? toolchains.cabal ?? locked('cabal'),
  };
}
