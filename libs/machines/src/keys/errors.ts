import { BuildMachinesError } from '@build-machines/protocol';

/** A program that we need is not installed. */
export class ProgramMissingError extends BuildMachinesError {
  readonly code = 'program-missing';

  constructor(program: string, debianPackage: string, cause?: unknown) {
    super(`the program ${program} was not found`, {
      hint: `Install it: sudo apt-get install -y ${debianPackage} (or your system's package of that program).`,
      cause,
      details: { program, debianPackage },
    });
  }
}

/** A text is not an OpenSSH public key. */
export class PublicKeyError extends BuildMachinesError {
  readonly code = 'public-key-invalid';
}

/** ssh-keygen could not make or read a key. */
export class KeyFileError extends BuildMachinesError {
  readonly code = 'key-file-unusable';
}
