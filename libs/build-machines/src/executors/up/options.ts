import type { z } from 'zod';
import { MachineOptions } from '../../options/machine-options.js';

/** Options of `up`. */
export const Options = MachineOptions.meta({
  title: 'up',
  description:
    'Brings a machine up: starts the bridge, relay and hub, the machine, its tunnel and agent; does only what is not done; writes machine.lock.',
});
export type Options = z.input<typeof Options>;
