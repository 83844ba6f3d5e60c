import { z } from 'zod';
import { HaskellOptions } from '../../options/haskell-options.js';

/** Options of `remote-run`. */
export const Options = HaskellOptions.omit({ args: true })
  .extend({
    executable: z.string().optional().describe('Executable to run. Default: the only one of the package.'),
    args: z
      .array(z.string())
      .default([])
      .describe('Arguments of the program, one item each; on the command line --args="…" once per argument.'),
  })
  .meta({
    title: 'remote-run',
    description:
      'Builds an executable on a build machine and runs it there, with your arguments, stdin and exit status.',
  });
export type Options = z.input<typeof Options>;
