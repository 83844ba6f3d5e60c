import type { z } from 'zod';
import { ReportOptions } from '../../options/machine-options.js';

/** Options of `vm-info`. */
export const Options = ReportOptions.meta({
  title: 'vm-info',
  description: 'Shows what a machine is: provider, address, system, toolchains, slots.',
});
export type Options = z.input<typeof Options>;
