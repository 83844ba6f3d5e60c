import { z } from 'zod';
import { MachineOptions } from '../../options/machine-options.js';

/** Options of `vm-import`. */
export const Options = MachineOptions.extend({
  mode: z
    .enum(['keep', 'replace', 'alongside'])
    .default('keep')
    .describe('When the VM exists: keep it (default), replace it with rollback on failure, or import beside it.'),
  autostart: z.boolean().default(false).describe('Start the VM when its host boots.'),
  start: z.boolean().default(true).describe('Start it headless after the import.'),
}).meta({
  title: 'vm-import',
  description: 'Imports the image as a VM: checksum, import, bridged network, CPU and memory, start, wait for SSH.',
});
export type Options = z.input<typeof Options>;
