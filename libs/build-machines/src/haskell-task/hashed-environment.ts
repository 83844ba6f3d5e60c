import { BuildMachinesError } from '@build-machines/protocol';
import type { ExecutorContext, NxJsonConfiguration, TargetConfiguration } from '@nx/devkit';

type Input = NonNullable<TargetConfiguration['inputs']>[number];
type NamedInputs = Readonly<Record<string, readonly Input[]>>;

/** Where Nx's configuration stands, as executors are given it. */
export type TargetContext = Pick<ExecutorContext, 'projectGraph' | 'nxJsonConfiguration'>;

/**
 * Checks that Nx hashes the value of each variable that a task passes to the machine. A name that stands in project.json,
 * in targetDefaults or on the command line is no input by itself: the result for one value would be the answer for
 * another. The plugin's own option `env` adds the inputs.
 * @param names the task's option `env`.
 * @throws EnvironmentNotHashedError for a target that is cached and has not all of the names among its inputs.
 */
export function requireHashed(
  names: readonly string[],
  { project, target }: { readonly project: string; readonly target: string },
  { projectGraph, nxJsonConfiguration }: TargetContext,
): void {
  const data = projectGraph.nodes[project]?.data;
  const configuration = data?.targets?.[target];
  if (names.length === 0 || configuration?.cache !== true) return;
  const hashed = environmentInputs(configuration.inputs ?? defaultInputs(nxJsonConfiguration), {
    ...nxJsonConfiguration.namedInputs,
    ...data?.namedInputs,
  });
  const missing = names.filter((name) => !hashed.has(name));
  if (missing.length > 0) throw new EnvironmentNotHashedError(missing, `${project}:${target}`);
}

/** What Nx takes for a target that names no inputs. */
function defaultInputs({ namedInputs }: NxJsonConfiguration): readonly Input[] {
  return namedInputs?.['default'] === undefined ? [] : ['default'];
}

/**
 * The variables that inputs name, those within named inputs included. What counts for dependencies only (`^name`,
 * `dependencies`, `projects`) is left out: it does not name variables of the task itself.
 */
function environmentInputs(inputs: readonly Input[], named: NamedInputs): ReadonlySet<string> {
  const variables = new Set<string>();
  const seen = new Set<string>();
  const read = (input: Input): void => {
    if (typeof input === 'object' && 'env' in input) variables.add(input.env);
    const name = typeof input === 'string' ? input : ownNamedInput(input);
    if (name === undefined || seen.has(name)) return;
    seen.add(name);
    named[name]?.forEach(read);
  };
  inputs.forEach(read);
  return variables;
}

function ownNamedInput(input: Exclude<Input, string>): string | undefined {
  return 'input' in input && !('projects' in input) && !('dependencies' in input) ? input.input : undefined;
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
