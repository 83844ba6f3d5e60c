import { z } from 'zod';
import { MachineOptions } from '../../options/machine-options.js';

/** Options of `packer-build`. */
export const Options = MachineOptions.extend({
  onError: z
    .enum(['cleanup', 'abort', 'run-cleanup-provisioner'])
    .default('cleanup')
    .describe(
      'What packer does with a half-built VM when a step fails: remove it, leave it for a look, or clean up in it.',
    ),
  keep: z.number().int().min(1).default(3).describe('How many images to keep; older ones are removed after a success.'),
  baseDisk: z
    .string()
    .optional()
    .describe('A qcow2 disk (an Ubuntu or Debian cloud image) to install into, instead of the Ubuntu installer.'),
  baseDiskSha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional()
    .describe("The base disk's SHA-256, as its publisher gives it."),
  baseDiskUser: z
    .string()
    .optional()
    .describe('An account of the base disk that may use sudo without a password; default: cloud-init makes one.'),
  baseDiskPasswordFile: z.string().optional().describe("File that holds that account's password."),
  toolchainSource: z
    .enum(['ghcup', 'debian'])
    .default('ghcup')
    .describe("ghcup: the exact versions of machine.yml; debian: the distribution's own GHC and cabal."),
}).meta({
  title: 'packer-build',
  description: 'Builds the machine image with Packer: an OVA with checksum, provenance and SBOM beside it.',
});
export type Options = z.input<typeof Options>;
