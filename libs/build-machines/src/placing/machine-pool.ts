import {
  inspectMachines,
  type LoadedMachine,
  loadMachine,
  type MachineLock,
  readMachineLock,
  type StateFolder,
  stateFolder,
} from '@build-machines/machines';
import { type ToolchainRequest, type TraitParts, traitsSeen } from '@build-machines/protocol';
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
 * cached under the traits of all of them (hashed-traits.ts), so it must not depend on which of them is taken: machines
 * of different traits, or that belong to another hub, are no pool.
 * @throws NoMachineError, NoMachineLabelledError, MachinesDifferError; YamlFileError for a broken
 * machine.yml of the machine that it names, or of all. Others are left out: their own tasks report what is wrong.
 */
export async function machinePool(
  workspaceRoot: string,
  options: PoolOptions,
  state: StateFolder = stateFolder(),
): Promise<MachinePool> {
  return poolOf(options, await candidatesFor(workspaceRoot, options, state), options.machine !== undefined);
}

/**
 * The machines that a task's options mean, each with its lock.
 * @throws as {@link machinePool}, but for MachinesDifferError.
 */
export async function candidatesFor(
  workspaceRoot: string,
  options: PoolOptions,
  state: StateFolder,
): Promise<readonly Candidate[]> {
  const withLock = async (machine: LoadedMachine) => ({ machine, lock: await readMachineLock(machine, state) });
  if (options.machine !== undefined) return [await withLock(await loadMachine(workspaceRoot, options.machine))];
  const { machines: all, problems } = await inspectMachines(workspaceRoot);
  const [problem] = problems;
  if (all.length === 0 && problem !== undefined) throw problem;
  if (all.length === 0) throw new NoMachineError(workspaceRoot);
  const labels = Object.entries(options.labels ?? {});
  const labelled = all.filter(({ definition }) => labels.every(([key, value]) => definition.labels[key] === value));
  if (labelled.length === 0) throw new NoMachineLabelledError(options.labels ?? {}, all);
  return Promise.all(labelled.map(withLock));
}

/** A machine with what was found on it when it came up last. */
export interface Candidate {
  readonly machine: LoadedMachine;
  /** Null: it was never up. */
  readonly lock: MachineLock | null;
}

/** The pool that some machines are. @throws MachinesDifferError */
export function poolOf(options: PoolOptions, candidates: readonly Candidate[], named: boolean): MachinePool {
  const [first, ...others] = takingPart(candidates);
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

/** Of a machine that was never up nobody knows what it has; it takes part when no other does either. */
export function takingPart(candidates: readonly Candidate[]): readonly Candidate[] {
  const known = candidates.filter(({ lock }) => lock !== null);
  return known.length > 0 ? known : candidates;
}

/** What can change a result, by name; and where the machine is registered. */
function traitsOf({ machine, lock }: Candidate, options: PoolOptions): Record<string, string> {
  const request = toolchainRequest(options, machine, lock);
  const seen: TraitParts = lock?.traits === undefined ? { traits: 'unknown' } : traitsSeen(lock.traits, request);
  return {
    GHC: request.ghc ?? 'any',
    cabal: request.cabal ?? 'any',
    hub: hubText(machine.definition),
    ...Object.fromEntries(Object.entries(seen).sort()),
  };
}

function hubText({ hub: { url, catalog } }: LoadedMachine['definition']): string {
  return `${url ?? 'embedded'}${catalog === undefined ? '' : `, catalog ${JSON.stringify(catalog)}`}`;
}
