import type { z } from 'zod';
import { CabalTaskOptions } from '../../options/haskell-options.js';

/** Options of `remote-build`. */
export const Options = CabalTaskOptions.meta({
  title: 'remote-build',
  description: 'Compiles a Haskell project on a build machine; leaves a manifest of what was built, and the log.',
});
export type Options = z.input<typeof Options>;
