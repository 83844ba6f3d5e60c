import { z } from 'zod';
import { MachineOptions } from '../../options/machine-options.js';

/** Options of `logs`. */
export const Options = MachineOptions.extend({
  unit: z.enum(['agent', 'tunnel', 'sshd', 'supervisor', 'console', 'all']).default('all').describe('Which log.'),
  lines: z.number().int().min(1).max(100_000).default(100).describe('Lines to show from the end of each log.'),
  follow: z.boolean().default(false).describe('Go on printing what is added, until Ctrl-C.'),
}).meta({ title: 'logs', description: 'Shows the logs of a machine: agent, tunnel, sshd, console.' });
export type Options = z.input<typeof Options>;
