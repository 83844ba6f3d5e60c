import { z } from 'zod';
import { CabalTaskOptions } from '../../options/haskell-options.js';

/** Options of `fetch-artifacts`. */
export const Options = CabalTaskOptions.omit({ artifacts: true, accept: true })
  .extend({
    buildTarget: z
      .string()
      .default('remote-build')
      .describe('Target of the same project that builds; to be named where the plugin options rename it.'),
    outputPath: z
      .string()
      .optional()
      .describe(
        'Folder for the artifacts, relative to the workspace: a new or empty one, or one that an earlier fetch of this project made. It may not be or hold a folder of sources or other outputs; inside a project, Git must ignore it. Files of your own in it stay. Default: dist/remote/<project>.',
      ),
  })
  .meta({
    title: 'fetch-artifacts',
    description:
      'Brings what remote-build made to the workstation: by digest, only what is not there yet, verified, put in place atomically. Rebuilds by itself when the machine was replaced.',
  });
export type Options = z.input<typeof Options>;
