import { z } from 'zod';
import { HaskellOptions } from '../../options/haskell-options.js';

/** Options of `remote-ghci`. */
export const Options = HaskellOptions.extend({
  component: z
    .string()
    .optional()
    .describe("Component to load, such as lib:my-lib or test:my-suite. Default: the package's library or executable."),
}).meta({ title: 'remote-ghci', description: 'An interactive GHCi on a build machine, with the project loaded.' });
export type Options = z.input<typeof Options>;
