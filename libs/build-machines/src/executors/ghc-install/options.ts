import { ExactVersion } from '@build-machines/protocol';
import type { z } from 'zod';
import { MachineOptions } from '../../options/machine-options.js';

/** Options of `ghc-install`. */
export const Options = MachineOptions.extend({
  ghc: ExactVersion.describe('Exact GHC version, such as 9.10.1.').meta({
    $default: { $source: 'argv', index: 0 },
    'x-prompt': 'Which GHC version?',
  }),
}).meta({
  title: 'ghc-install',
  description: 'Installs a GHC version on the machine, without rebuilding the image, and updates machine.lock.',
});
export type Options = z.input<typeof Options>;
