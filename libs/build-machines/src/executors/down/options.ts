import type { z } from 'zod';
import { forceOption, MachineOptions } from '../../options/machine-options.js';

/** Options of `down`. */
export const Options = MachineOptions.extend({ force: forceOption }).meta({
  title: 'down',
  description:
    'Ends a machine: a sandbox leaves nothing running, a VM is shut down. Its mirrors and artifacts are kept. A machine that works for somebody is left as it is.',
});
export type Options = z.input<typeof Options>;
