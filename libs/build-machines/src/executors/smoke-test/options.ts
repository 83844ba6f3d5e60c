import type { z } from 'zod';
import { ReportOptions } from '../../options/machine-options.js';

/** Options of `smoke-test`. */
export const Options = ReportOptions.meta({
  title: 'smoke-test',
  description:
    'Checks every layer of a machine in order, from the tunnel to an artifact that came back; each failure with its fix.',
});
export type Options = z.input<typeof Options>;
