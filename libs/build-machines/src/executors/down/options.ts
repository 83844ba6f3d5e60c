import type { z } from 'zod';
import { MachineOptions } from '../../options/machine-options.js';

/** Options of `down`. */
export const Options = MachineOptions.meta({
  title: 'down',
  description:
    'Ends a machine: a sandbox leaves nothing running, a VM is shut down. Its mirrors and artifacts are kept.',
});
export type Options = z.input<typeof Options>;
