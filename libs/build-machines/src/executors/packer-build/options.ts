import { z } from 'zod';
import { MachineOptions } from '../../options/machine-options.js';

/** Options of `packer-build`. */
export const Options = MachineOptions.extend({
  onError: z
    .enum(['cleanup', 'abort', 'ask'])
    .default('cleanup')
    .describe('What packer does with a half-built VM when a step fails.'),
  keep: z.number().int().min(1).default(3).describe('How many images to keep; older ones are removed after a success.'),
  source: z
    .string()
    .optional()
    .describe('Packer source to build, such as virtualbox-iso.haskell. Default: by provider.'),
  variables: z
    .record(z.string(), z.string())
    .default({})
    .describe('Further packer variables; never put a secret here.'),
}).meta({
  title: 'packer-build',
  description: 'Builds the machine image with Packer: an OVA with checksum, provenance and SBOM beside it.',
});
export type Options = z.input<typeof Options>;
