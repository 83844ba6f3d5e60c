import { z } from 'zod';
import { forceOption, MachineOptions } from '../../options/machine-options.js';

/** Options of `inject-keys`. */
export const Options = MachineOptions.extend({
  keysFolder: z
    .string()
    .optional()
    .describe(
      'Folder with id_build, id_build.pub and build-agent.env. Default: ~/vm-keys/<machine> if there, else generated.',
    ),
  forgetHostKey: z
    .boolean()
    .default(false)
    .describe('Take the host key of a machine that was made anew by hand, instead of the one that was pinned.'),
  force: forceOption,
  rotate: z
    .boolean()
    .default(false)
    .describe('Make a new tunnel key and retire the old one; gives the machine everything again.'),
}).meta({
  title: 'inject-keys',
  description:
    'Gives the VM its keys and build-agent.env over the one-time password, pins its host key, ends password login.',
});
export type Options = z.input<typeof Options>;
