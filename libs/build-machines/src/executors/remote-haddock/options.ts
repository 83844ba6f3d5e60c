import type { z } from 'zod';
import { CabalTaskOptions } from '../../options/haskell-options.js';

/** Options of `remote-haddock`. */
export const Options = CabalTaskOptions.meta({
  title: 'remote-haddock',
  description:
    'Builds the API documentation of a Haskell project on a build machine and fetches it into dist/haddock/<project>.',
});
export type Options = z.input<typeof Options>;
