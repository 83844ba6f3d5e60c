import { BuildMachinesError } from '@build-machines/protocol';

/** There is no Packer. */
export class PackerMissingError extends BuildMachinesError {
  readonly code = 'packer-missing';

  constructor(command: string, said: string, cause?: unknown) {
    super(`${command} is not HashiCorp's Packer, or is not installed${said === '' ? '' : `: ${said}`}`, {
      hint: 'Install Packer 1.10 or later: https://developer.hashicorp.com/packer/install',
      cause,
    });
  }
}

/** The Packer that was found is older than the templates need. */
export class PackerTooOldError extends BuildMachinesError {
  readonly code = 'packer-too-old';

  constructor(found: string, needed: string) {
    super(`Packer ${found} is too old: ${needed} or later is needed`, {
      hint: 'Install Packer 1.10 or later: https://developer.hashicorp.com/packer/install',
    });
  }
}

/** Something that an image build needs is missing or too small, found before it starts. */
export class ImageBuildPreflightError extends BuildMachinesError {
  readonly code = 'image-build-preflight';
}

/** `packer init` or `packer validate` refused. */
export class PackerRefusedError extends BuildMachinesError {
  readonly code = 'packer-refused';
}

/** The build itself failed. */
export class ImageBuildError extends BuildMachinesError {
  readonly code = 'image-build-failed';
}

/** The build was cancelled, and what it had started is gone. */
export class ImageBuildCancelledError extends BuildMachinesError {
  readonly code = 'image-build-cancelled';

  constructor() {
    super('The image build was cancelled; its VM is stopped and its files are removed', {
      hint: 'Start it again with the same command.',
    });
  }
}
