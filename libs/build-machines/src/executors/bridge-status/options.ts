import type { z } from 'zod';
import { ReportOptions } from '../../options/machine-options.js';

/** Options of `bridge-status`. */
export const Options = ReportOptions.meta({
  title: 'bridge-status',
  description: 'Shows, per machine, tunnel, port, agent, hub, last heartbeat, toolchains, disk and load.',
});
export type Options = z.input<typeof Options>;
