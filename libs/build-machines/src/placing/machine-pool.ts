import {
  inspectMachines,
  type LoadedMachine,
  loadMachine,
  type MachineLock,
  readMachineLock,
} from '@build-machines/machines';
import type { ToolchainRequest } from '@build-machines/protocol';
import { toolchainRequest } from '../haskell-task/toolchain-request.js';
import { type ExistingHub, existingHub } from './existing-hub.js';
import { MachinesDifferError, NoMachineError, NoMachineLabelledError } from './pool-errors.js';

/** What of a task's options decides which machines it may use. */
export interface PoolOptions extends ToolchainRequest {
  readonly machine?: string | undefined;
  /** Labels of machine.yml that a machine must have, where the task names none. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

/** The machines that a task may use. All of them give the same result. */
export interface MachinePool {
  readonly machines: readonly [LoadedMachine, ...LoadedMachine[]];
  /** Whether the task names its machine. */
  readonly named: boolean;
  readonly toolchain: ToolchainRequest;
  /** An existing hub, by machine.yml; undefined: the embedded one. */
  readonly hub: ExistingHub | undefined;
}

/** Names of the machines of a pool. */
export function poolNames({ machines: [first, ...others] }: MachinePool): [string, ...string[]] {
  return [first.definition.name, ...others.map(({ definition }) => definition.name)];
}

/**
 * The machines that a task may use: the one that it names, else all of the workspace that have its labels. A result is
 * cached under the locks and definitions of all of them (graph/inputs), so it must not depend on which of them is taken:
 * machines that would use another toolchain, platform or image, or that belong to another hub, are no pool.
 * @throws NoMachineError, NoMachineLabelledError, MachinesDifferError; YamlFileError for a broken
 * machine.yml of the machine that it names, or of all. Others are left out: their own tasks report what is wrong.
 */
export async function machinePool(workspaceRoot: string, options: PoolOptions): Promise<MachinePool> {
  if (options.machine !== undefined) {
    const machine = await loadMachine(workspaceRoot, options.machine);
    return poolOf(options, [{ machine, lock: await readMachineLock(machine.folder) }], true);
  }
  const { machines: all, problems } = await inspectMachines(workspaceRoot);
  const [problem] = problems;
  if (all.length === 0 && problem !== undefined) throw problem;
  if (all.length === 0) throw new NoMachineError(workspaceRoot);
  const labels = Object.entries(options.labels ?? {});
  const labelled = all.filter(({ definition }) => labels.every(([key, value]) => definition.labels[key] === value));
  if (labelled.length === 0) throw new NoMachineLabelledError(options.labels ?? {}, all);
  const candidates = await Promise.all(
    labelled.map(async (machine) => ({ machine, lock: await readMachineLock(machine.folder) })),
  );
  return poolOf(options, candidates, false);
}

/** A machine with what was found on it when it came up last. */
export interface Candidate {
  readonly machine: LoadedMachine;
  /** Null: it was never up. */
  readonly lock: MachineLock | null;
}

/** The pool that some machines are. @throws MachinesDifferError */
export function poolOf(options: PoolOptions, candidates: readonly Candidate[], named: boolean): MachinePool {
  // Of a machine that was never up nobody knows what it has; it takes part when no other does either.
  const known = candidates.filter(({ lock }) => lock !== null);
  const [first, ...others] = known.length > 0 ? known : candidates;
  if (first === undefined) throw new Error('a pool needs a machine');
  const traits = traitsOf(first, options);
  const differing = others.find((other) => JSON.stringify(traitsOf(other, options)) !== JSON.stringify(traits));
  if (differing !== undefined) {
    throw new MachinesDifferError(
      { name: first.machine.definition.name, traits },
      { name: differing.machine.definition.name, traits: traitsOf(differing, options) },
    );
  }
  return {
    machines: [first.machine, ...others.map(({ machine }) => machine)],
    named,
    toolchain: toolchainRequest(options, first.machine, first.lock),
    hub: existingHub(first.machine.definition),
  };
}

/** What can change a result, by name; and where the machine is registered. */
function traitsOf({ machine, lock }: Candidate, options: PoolOptions): Record<string, string> {
  const { ghc, cabal } = toolchainRequest(options, machine, lock);
  return {
    GHC: ghc ?? 'any',
    cabal: cabal ?? 'any',
    system: lock === null ? 'unknown' : `${lock.os}, ${lock.arch}`,
    image: lock?.image?.sha256.slice(0, 12) ?? 'none',
    hub: hubText(machine.definition),
  };
}

function hubText({ hub: { url, catalog } }: LoadedMachine['definition']): string {
  return `${url ?? 'embedded'}${catalog === undefined ? '' : `, catalog ${JSON.stringify(catalog)}`}`;
}
