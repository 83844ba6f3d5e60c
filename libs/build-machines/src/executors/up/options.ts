import { z } from 'zod';
import { MachineOptions } from '../../options/machine-options.js';

/** Options of `up`. */
export const Options = MachineOptions.extend({
  acceptHostKey: z
    .string()
    .regex(/^SHA256:[A-Za-z0-9+/]{43}$/, 'must be a fingerprint such as ssh-keygen -l prints: SHA256:…')
    .optional()
    .describe("provider ssh: fingerprint of the host's key, which you have compared on the host; pinned from then on."),
  identityFile: z
    .string()
    .optional()
    .describe('provider ssh: private key for the first login. Default: the keys of your ssh configuration and agent.'),
  restart: z
    .boolean()
    .default(false)
    .describe('Start a running machine anew, which ends what it works on. Default: what is busy is left as it is.'),
}).meta({
  title: 'up',
  description:
    'Brings a machine up: starts the bridge, relay and hub, the machine, its tunnel and agent; does only what is not done; writes machine.lock.',
});
export type Options = z.input<typeof Options>;
