import { BuildMachinesError } from '@build-machines/protocol';
import { ownInputs, type TargetContext } from './own-inputs.js';

export type { TargetContext } from './own-inputs.js';

/**
 * Checks that Nx hashes the value of each variable that a task passes to the machine. A name that stands in project.json,
 * in targetDefaults or on the command line is no input by itself: the result for one value would be the answer for
 * another. The plugin's own option `env` adds the inputs.
 * @param names the task's option `env`.
 * @throws EnvironmentNotHashedError for a target that is cached and has not all of the names among its inputs.
 */
export function requireHashed(
  names: readonly string[],
  task: { readonly project: string; readonly target: string },
  context: TargetContext,
): void {
  if (names.length === 0) return;
  const inputs = ownInputs(task, context);
  if (inputs === undefined) return;
  const hashed = new Set(inputs.flatMap((input) => (typeof input === 'object' && 'env' in input ? [input.env] : [])));
  const missing = names.filter((name) => !hashed.has(name));
  if (missing.length > 0) throw new EnvironmentNotHashedError(missing, `${task.project}:${task.target}`);
}

/** A cached target passes on variables that are none of its inputs. */
export class EnvironmentNotHashedError extends BuildMachinesError {
  readonly code = 'environment-not-hashed';
  constructor(names: readonly string[], task: string) {
    const list = names.join(', ');
    super(
      `${task} passes ${list} to the machine, but Nx does not know ${names.length === 1 ? 'it' : 'them'} as input: a result for other values would be taken from the cache.`,
      {
        hint: `List ${list} in "env" of the options of the plugin build-machines in nx.json, which makes inputs of them; or give the target "inputs": ["...", ${names.map((name) => JSON.stringify({ env: name })).join(', ')}], where "..." keeps the inputs that are inferred.`,
      },
    );
  }
}
