import { z } from 'zod';
import { MachineOptions } from '../../options/machine-options.js';

/** Options of `drain`. */
export const Options = MachineOptions.extend({
  off: z.boolean().default(false).describe('End the draining: give it work again.'),
}).meta({ title: 'drain', description: 'Stops giving new work to a machine; what runs is finished.' });
export type Options = z.input<typeof Options>;
