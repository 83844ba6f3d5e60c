import { BuildMachinesError } from '@build-machines/protocol';

/** A VM did not say on its console which address it has. */
export class AddressUnknownError extends BuildMachinesError {
  readonly code = 'vm-address-unknown';
  constructor(name: string) {
    super(`Machine ${name} did not say its address on its console.`, {
      hint: `Look at the console (nx run ${name}:logs --unit=console): it did not boot, got no address from the network, or was not made from our image.`,
    });
  }
}

/** The VM of a new image did not come up; the one before has its place again. */
export class ReplacementFailedError extends BuildMachinesError {
  readonly code = 'vm-replacement-failed';
  constructor(name: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`The new ${name} did not come up, so the one before is back in its place: ${why}`, {
      hint: `Look at its console (nx run ${name}:logs --unit=console); builds go on with the machine before.`,
      cause,
    });
  }
}

/** An option of vm-import that a provider has no counterpart for. */
export class ImportModeUnsupportedError extends BuildMachinesError {
  readonly code = 'import-mode-unsupported';
  constructor(name: string, option: string) {
    super(`${name} is a QEMU machine, for which there is no ${option}.`, {
      hint: 'Use --replace; --rollback goes back to the machine before.',
    });
  }
}

/** Options of vm-import that exclude one another. */
export class ImportChoiceError extends BuildMachinesError {
  readonly code = 'import-choice';
  constructor(given: readonly string[]) {
    super(`vm-import was told ${given.join(' and ')} at once.`, { hint: 'Choose one of them.' });
  }
}

/** Nobody said how a machine on another network reaches this workstation. */
export class RelayHostMissingError extends BuildMachinesError {
  readonly code = 'relay-host-missing';
  constructor(name: string, file: string) {
    super(`Machine ${name} is not told where this workstation is.`, {
      hint: `Set relay.host in ${file} to this workstation's address on the machine's network.`,
    });
  }
}

/** Half of a base disk's login was given, or its password cannot be read. */
export class BaseDiskLoginError extends BuildMachinesError {
  readonly code = 'base-disk-login';
  constructor(file?: string, cause?: unknown) {
    super(
      file === undefined
        ? 'Of the base disk’s login only one half was given.'
        : `The password of the base disk cannot be read from ${file}.`,
      {
        hint: 'Give both --baseDiskUser and --baseDiskPasswordFile; or neither, for a cloud image, where cloud-init makes the account.',
        cause,
      },
    );
  }
}

/** A base disk was named without the digest that it must have. */
export class BaseDiskDigestMissingError extends BuildMachinesError {
  readonly code = 'base-disk-digest-missing';
  constructor(file: string) {
    super(`The base disk ${file} was named without its SHA-256.`, {
      hint: `Take the digest from the publisher and compare it: sha256sum ${file}; then --baseDiskSha256=….`,
    });
  }
}
