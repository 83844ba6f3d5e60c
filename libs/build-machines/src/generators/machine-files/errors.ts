import { BuildMachinesError } from '@build-machines/protocol';

/** `vm` was asked for a machine that the workspace defines already. */
export class MachineExistsError extends BuildMachinesError {
  readonly code = 'machine-exists';

  constructor(name: string, file: string) {
    super(`there is a machine "${name}" already: ${file} exists`, {
      hint: `Edit ${file}, choose another name, or remove the machine first with \`nx g build-machines:remove-vm ${name}\`.`,
    });
  }
}

/** A machine is an Nx project, and another project has its name. */
export class MachineNameTakenError extends BuildMachinesError {
  readonly code = 'machine-name-taken';

  constructor(name: string, root: string) {
    super(`the project in ${root} is called "${name}" already`, {
      hint: 'A machine is an Nx project too: choose a name that no project has, such as ' + `${name}-build.`,
    });
  }
}

/** An option of `vm` has no meaning for the provider that was chosen. */
export class OptionForOtherProviderError extends BuildMachinesError {
  readonly code = 'option-for-other-provider';

  constructor(option: string, provider: string, providers: readonly string[]) {
    super(`--${option} has no meaning for a machine of provider ${provider}`, {
      hint: `Leave --${option} out, or choose --provider=${providers.join(' or --provider=')}.`,
    });
  }
}

/** Something that has no default was not given, and there is nobody to ask. */
export class OptionNeededError extends BuildMachinesError {
  readonly code = 'option-needed';

  constructor(option: string, why: string, example: string) {
    super(`--${option} is needed: ${why}`, { hint: `Add --${option}=${example}.` });
  }
}

/** The definition that the options amount to is not valid. */
export class MachineOptionsInvalidError extends BuildMachinesError {
  readonly code = 'machine-options-invalid';

  constructor(problems: readonly string[]) {
    super(`the options do not make a machine:\n${problems.join('\n')}`, {
      hint: 'Correct the options; `nx g build-machines:vm --help` describes each.',
    });
  }
}

/** `remove-vm` was asked to remove a machine that runs. */
export class MachineIsUpError extends BuildMachinesError {
  readonly code = 'machine-is-up';

  constructor(name: string, sign: string) {
    super(`machine "${name}" is up: ${sign}`, {
      hint: `Run \`nx run ${name}:destroy\` first, or add --force to forget the machine and leave it running.`,
    });
  }
}
