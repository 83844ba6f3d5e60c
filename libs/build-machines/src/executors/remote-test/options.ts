import { z } from 'zod';
import { CabalTaskOptions } from '../../options/haskell-options.js';

/** Options of `remote-test`. */
export const Options = CabalTaskOptions.extend({
  suites: z.array(z.string()).optional().describe('Test suites to run. Default: all of the package.'),
}).meta({
  title: 'remote-test',
  description: 'Builds and runs the test suites of a Haskell project on a build machine.',
});
export type Options = z.input<typeof Options>;
