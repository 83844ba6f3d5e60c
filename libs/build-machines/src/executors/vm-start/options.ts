import type { z } from 'zod';
import { MachineOptions } from '../../options/machine-options.js';

/** Options of `vm-start`. */
export const Options = MachineOptions.meta({
  title: 'vm-start',
  description: 'Starts the VM headless; a VM that runs is left alone.',
});
export type Options = z.input<typeof Options>;
