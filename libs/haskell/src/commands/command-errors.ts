import { BuildMachinesError } from '@build-machines/protocol';

/** It is not clear which executable of a package is meant. */
export class ExecutableChoiceError extends BuildMachinesError {
  readonly code = 'executable-unclear';

  constructor(packageName: string, executables: readonly string[], wanted: string | undefined) {
    const known = executables.length === 0 ? 'it has none' : `it has ${executables.join(', ')}`;
    super(
      wanted === undefined
        ? `Package ${packageName} has no single executable: ${known}.`
        : `Package ${packageName} has no executable "${wanted}": ${known}.`,
      {
        hint:
          executables.length === 0
            ? 'Add an executable section to its *.cabal file.'
            : `Name one: --executable=${executables[0] ?? ''}.`,
      },
    );
  }
}

/** A command was asked for a package that the project does not have. */
export class UnknownPackageError extends BuildMachinesError {
  readonly code = 'haskell-package-unknown';

  constructor(name: string, projectDir: string, known: readonly string[]) {
    super(`The project in ${projectDir} has no package "${name}"; it has ${known.join(', ') || 'none'}.`, {
      hint: 'Correct the name, or add the folder of the package to "packages" in cabal.project.',
    });
  }
}
