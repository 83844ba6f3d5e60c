import { z } from 'zod';
import { forceOption, MachineOptions } from '../../options/machine-options.js';

/** Options of `vm-import`. */
export const Options = MachineOptions.extend({
  replace: z
    .boolean()
    .default(false)
    .describe(
      'Put a VM of the present image in the place of the one that exists, which is kept for a rollback; without this, a VM that exists is kept.',
    ),
  alongside: z
    .boolean()
    .default(false)
    .describe('virtualbox: import as <machine>-<version>, beside the VM that exists, for a look.'),
  rollback: z.boolean().default(false).describe('Go back to the VM that the last --replace put aside.'),
  autostart: z
    .boolean()
    .default(false)
    .describe(
      'Start the VM when its host boots: by VirtualBox itself, or for a QEMU machine by a unit of your own systemd; destroy takes the unit back.',
    ),
  force: forceOption,
  start: z.boolean().default(true).describe('Start it headless after the import.'),
}).meta({
  title: 'vm-import',
  description: 'Imports the image as a VM: checksum, import, bridged network, CPU and memory, start, wait for SSH.',
});
export type Options = z.input<typeof Options>;
