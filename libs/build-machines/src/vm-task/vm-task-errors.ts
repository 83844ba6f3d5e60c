import { BuildMachinesError } from '@build-machines/protocol';

/** A VM did not say on its console which address it has. */
export class AddressUnknownError extends BuildMachinesError {
  readonly code = 'vm-address-unknown';
  constructor(name: string, serialLog: string) {
    super(`Machine ${name} did not say its address on its console (${serialLog}).`, {
      hint: 'Look at the console there: it did not boot, got no address from the network, or was not made from our image.',
    });
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

/** A base disk was named without the digest that it must have. */
export class BaseDiskDigestMissingError extends BuildMachinesError {
  readonly code = 'base-disk-digest-missing';
  constructor(file: string) {
    super(`The base disk ${file} was named without its SHA-256.`, {
      hint: `Take the digest from the publisher and compare it: sha256sum ${file}; then --baseDiskSha256=….`,
    });
  }
}
