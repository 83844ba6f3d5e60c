import { BuildMachinesError } from '@build-machines/protocol';

/** There is no image to import. */
export class ImageMissingError extends BuildMachinesError {
  readonly code = 'image-missing';

  constructor(what: string, name: string) {
    super(what, { hint: `Build one: nx run ${name}:packer-build` });
  }
}

/** An image's provenance cannot be read. */
export class ImageRecordError extends BuildMachinesError {
  readonly code = 'image-record-malformed';
}
