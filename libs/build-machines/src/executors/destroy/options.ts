import { z } from 'zod';
import { forceOption, MachineOptions } from '../../options/machine-options.js';

/** Options of `destroy`. */
export const Options = MachineOptions.extend({
  forgetOnly: z
    .boolean()
    .default(false)
    .describe('provider ssh: the host is gone for good; remove only what this workstation knows of it.'),
  force: forceOption,
  yes: z.boolean().default(false).describe('Do not ask.'),
}).meta({
  title: 'destroy',
  description:
    'Removes a machine for good: VM and disks, sandbox folder, or what was installed on a host; its keys and its access. machine.yml stays.',
});
export type Options = z.input<typeof Options>;
