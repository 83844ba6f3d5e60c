import { z } from 'zod';
import { MachineOptions } from '../../options/machine-options.js';

/** Options of `install-ssh-config`. */
export const Options = MachineOptions.extend({
  remove: z.boolean().default(false).describe('Take the machine out again.'),
}).meta({
  title: 'install-ssh-config',
  description: 'Makes ssh, scp and editors reach the machine by its name, through an include file of our own.',
});
export type Options = z.input<typeof Options>;
