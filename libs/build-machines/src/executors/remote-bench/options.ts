import type { z } from 'zod';
import { CabalTaskOptions } from '../../options/haskell-options.js';

/** Options of `remote-bench`. */
export const Options = CabalTaskOptions.meta({
  title: 'remote-bench',
  description: 'Builds and runs the benchmarks of a Haskell project on a build machine.',
});
export type Options = z.input<typeof Options>;
