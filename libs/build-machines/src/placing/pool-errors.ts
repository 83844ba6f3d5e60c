import type { LoadedMachine } from '@build-machines/machines';
import { BuildMachinesError, differencesText } from '@build-machines/protocol';

/** The workspace defines no machine. */
export class NoMachineError extends BuildMachinesError {
  readonly code = 'no-machine';
  constructor(workspaceRoot: string) {
    super(`There is no build machine in ${workspaceRoot} (machines/*/machine.yml).`, {
      hint: 'Make one: nx g build-machines:vm sandbox --provider=sandbox (on this computer), or see nx g build-machines:vm --help.',
    });
  }
}

/** The target asks for labels that no machine has. */
export class NoMachineLabelledError extends BuildMachinesError {
  readonly code = 'no-machine-labelled';
  constructor(labels: Readonly<Record<string, string>>, machines: readonly LoadedMachine[]) {
    const wanted = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
    const there = machines.map(({ definition: { name, labels: has } }) => `${name} (${labelText(has)})`);
    super(`No build machine has the labels ${wanted.join(', ')}. There are: ${there.join('; ')}.`, {
      hint: 'Correct the option "labels" of the target, or the labels in machines/*/machine.yml.',
    });
  }
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const texts = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return texts.length === 0 ? 'none' : texts.join(', ');
}

/** What can change a result, by name. */
export type Traits = Readonly<Record<string, string>>;

/** The target names no machine, and its result would depend on which one it gets. */
export class MachinesDifferError extends BuildMachinesError {
  readonly code = 'machines-differ';
  constructor(one: { name: string; traits: Traits }, other: { name: string; traits: Traits }) {
    const names = [...new Set([...Object.keys(one.traits), ...Object.keys(other.traits)])];
    const differences = names
      .filter((trait) => other.traits[trait] !== one.traits[trait])
      .map((trait) => `${trait} ${one.traits[trait] ?? 'none'} and ${other.traits[trait] ?? 'none'}`);
    super(
      `The target names no machine, and ${one.name} and ${other.name} would not give the same result: ` +
        `${differencesText(differences)}.`,
      {
        hint:
          'Name a machine (--machine=NAME, or "machine" in the plugin\'s options in nx.json), give labels to those that ' +
          'are alike and name these in "labels", or name the versions: "ghc", "cabal".',
      },
    );
  }
}

/** The target names no machine, and none of the workspace's is there. */
export class NoMachineUpError extends BuildMachinesError {
  readonly code = 'no-machine-up';
  constructor(names: readonly string[], listed: readonly { readonly name: string; readonly state: string }[]) {
    const states = names.map((name) => `${name} ${stateOf(name, listed)}`);
    super(`None of the workspace's machines is up: ${states.join(', ')}.`, {
      hint: `Bring one up: nx run ${names[0] ?? '<machine>'}:up`,
    });
  }
}

function stateOf(name: string, listed: readonly { readonly name: string; readonly state: string }[]): string {
  const state = listed.find((entry) => entry.name === name)?.state;
  if (state === undefined) return 'has never registered';
  return state === 'stale' ? 'is silent' : 'is gone';
}

/** The machine takes no new work. */
export class MachineDrainedError extends BuildMachinesError {
  readonly code = 'machine-drained';
  constructor(name: string, mode: string, note: string | null) {
    const what = mode === 'maintenance' ? 'is in maintenance' : 'is being drained';
    super(`Machine ${name} ${what}${note === null ? '' : ` (${note})`}, and takes no new work.`, {
      hint: `Use another one: --machine=NAME. Work is given to it again after: nx run ${name}:drain --off`,
    });
  }
}
