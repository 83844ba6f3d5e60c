import type { ExecutorContext, NxJsonConfiguration, TargetConfiguration } from '@nx/devkit';

export type Input = NonNullable<TargetConfiguration['inputs']>[number];
type NamedInputs = Readonly<Record<string, readonly Input[]>>;

/** Where Nx's configuration stands, as executors are given it. */
export type TargetContext = Pick<ExecutorContext, 'projectGraph' | 'nxJsonConfiguration'>;

/**
 * The inputs of a target that is cached, those within named inputs included; undefined for one that is not. What counts
 * for dependencies only (`^name`, `dependencies`, `projects`) is left out: it says nothing of the task itself.
 */
export function ownInputs(
  { project, target }: { readonly project: string; readonly target: string },
  { projectGraph, nxJsonConfiguration }: TargetContext,
): Input[] | undefined {
  const data = projectGraph.nodes[project]?.data;
  const configuration = data?.targets?.[target];
  if (configuration?.cache !== true) return undefined;
  return flattened(configuration.inputs ?? defaultInputs(nxJsonConfiguration), {
    ...nxJsonConfiguration.namedInputs,
    ...data?.namedInputs,
  });
}

/** What Nx takes for a target that names no inputs. */
function defaultInputs({ namedInputs }: NxJsonConfiguration): readonly Input[] {
  return namedInputs?.['default'] === undefined ? [] : ['default'];
}

function flattened(inputs: readonly Input[], named: NamedInputs): Input[] {
  const found: Input[] = [];
  const seen = new Set<string>();
  const read = (input: Input): void => {
    found.push(input);
    const name = typeof input === 'string' ? input : ownNamedInput(input);
    if (name === undefined || seen.has(name)) return;
    seen.add(name);
    named[name]?.forEach(read);
  };
  inputs.forEach(read);
  return found;
}

function ownNamedInput(input: Exclude<Input, string>): string | undefined {
  return 'input' in input && !('projects' in input) && !('dependencies' in input) ? input.input : undefined;
}
