import type { z } from 'zod';
import { ReportOptions } from '../../options/machine-options.js';

/** Options of `smoke-test`. */
export const Options = ReportOptions.meta({
  title: 'smoke-test',
  description: 'Checks each layer from the tunnel to a compiled and running program; each failure names its fix.',
});
export type Options = z.input<typeof Options>;
