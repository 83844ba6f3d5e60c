import { BuildMachinesError } from '@build-machines/protocol';

/** A name that cabal would refuse for a package. */
export class InvalidPackageNameError extends BuildMachinesError {
  readonly code = 'package-name-invalid';

  constructor(name: string) {
    super(`"${name}" cannot be the name of a cabal package`, {
      hint: 'Use words of letters and digits joined by dashes, each with a letter in it, such as my-lib2.',
    });
  }
}

/** A cabal package cannot be put where one is already. */
export class PackageFolderTakenError extends BuildMachinesError {
  readonly code = 'package-folder-taken';

  constructor(directory: string, cabalFile: string) {
    super(`${directory} holds a cabal package already: ${cabalFile}`, {
      hint: 'Choose another folder with --directory.',
    });
  }
}

/** Two packages of one name cannot both be Nx projects. */
export class PackageNameTakenError extends BuildMachinesError {
  readonly code = 'package-name-taken';

  constructor(name: string, cabalFile: string) {
    super(`A package named "${name}" exists already: ${cabalFile}`, { hint: 'Choose another name.' });
  }
}

/** The package would lie outside of the tree that its cabal.project speaks of. */
export class OutsideCabalProjectError extends BuildMachinesError {
  readonly code = 'outside-cabal-project';

  constructor(directory: string, cabalProject: string) {
    super(`${directory} is not below the folder of ${cabalProject}`, {
      hint: 'Choose a folder below it with --directory, or another cabal.project with --cabalProject.',
    });
  }
}
