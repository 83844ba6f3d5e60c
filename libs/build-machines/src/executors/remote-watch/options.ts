import { z } from 'zod';
import { HaskellOptions } from '../../options/haskell-options.js';

/** Options of `remote-watch`. */
export const Options = HaskellOptions.extend({
  component: z.string().optional().describe("Component to load. Default: the package's library or executable."),
}).meta({
  title: 'remote-watch',
  description:
    'On every save, sends the difference and reloads a warm GHCi on the build machine; errors have local paths.',
});
export type Options = z.input<typeof Options>;
