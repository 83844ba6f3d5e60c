import { z } from 'zod';
import { forceOption, MachineOptions } from '../../options/machine-options.js';

/** Options of `apt-install`. */
export const Options = MachineOptions.extend({
  force: forceOption,
  packages: z
    .array(z.string().regex(/^[a-z0-9][a-z0-9+.-]+$/, 'must be the name of a Debian package, such as libpq-dev'))
    .min(1)
    .describe('Package names, such as libpq-dev, with commas between them.')
    .meta({ $default: { $source: 'argv', index: 0 }, 'x-prompt': 'Which packages?' }),
}).meta({
  title: 'apt-install',
  description: 'Installs Debian/Ubuntu packages on the machine, for Haskell packages that need system libraries.',
});
export type Options = z.input<typeof Options>;
