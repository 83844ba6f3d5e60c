import { z } from 'zod';
import { forceOption, MachineOptions } from '../../options/machine-options.js';

/** Options of `vm-stop`. */
export const Options = MachineOptions.extend({
  force: forceOption,
  timeoutSeconds: z
    .number()
    .min(0)
    .default(60)
    .describe('How long the system may take before power is cut; 0 cuts it at once.'),
}).meta({ title: 'vm-stop', description: 'Shuts the VM down: asks the system first, powers off after the time-out.' });
export type Options = z.input<typeof Options>;
