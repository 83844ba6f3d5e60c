import { z } from 'zod';
import { MachineOptions } from '../../options/machine-options.js';

/** Options of `destroy`. */
export const Options = MachineOptions.extend({
  yes: z.boolean().default(false).describe('Do not ask.'),
}).meta({
  title: 'destroy',
  description:
    'Removes a machine for good: VM and disks or sandbox folder, its keys and its access. machine.yml stays.',
});
export type Options = z.input<typeof Options>;
