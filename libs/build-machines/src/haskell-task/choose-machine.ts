import { listMachines } from '@build-machines/machines';
import { BuildMachinesError } from '@build-machines/protocol';

/**
 * The machine that a task uses: the one that it names, else the only one of the workspace.
 * @throws NoMachineError, MachineAmbiguousError; YamlFileError for a broken machine.yml.
 */
export async function chooseMachine(workspaceRoot: string, named: string | undefined): Promise<string> {
  if (named !== undefined) return named;
  const names = (await listMachines(workspaceRoot)).map(({ definition }) => definition.name);
  const [only, ...others] = names;
  if (only === undefined) throw new NoMachineError(workspaceRoot);
  if (others.length > 0) throw new MachineAmbiguousError(names);
  return only;
}

/** The workspace defines no machine. */
export class NoMachineError extends BuildMachinesError {
  readonly code = 'no-machine';
  constructor(workspaceRoot: string) {
    super(`There is no build machine in ${workspaceRoot} (machines/*/machine.yml).`, {
      hint: 'Make one: nx g build-machines:vm sandbox --provider=sandbox (on this computer), or see nx g build-machines:vm --help.',
    });
  }
}

/** The workspace defines several machines and the task names none. */
export class MachineAmbiguousError extends BuildMachinesError {
  readonly code = 'machine-ambiguous';
  constructor(names: readonly string[]) {
    super(`The workspace has ${names.length} build machines (${names.join(', ')}), and the target names none.`, {
      hint: 'Set "machine" in the plugin\'s options in nx.json, in the target\'s options, or on the command line: --machine=NAME.',
    });
  }
}
