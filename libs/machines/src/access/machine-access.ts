import { z } from 'zod';

/**
 * All that a client needs to reach a machine's agent: written by the provider when the machine comes up, read on every
 * connection. Holds no secret, only where secrets are. `access.json` in the machine's state folder.
 */
export const MachineAccess = z.object({
  name: z.string(),
  /** Where SSH to the machine is reached from here: the tunnel's end on the workstation, or the host itself. */
  sshHost: z.string(),
  sshPort: z.number().int(),
  user: z.string(),
  /** Path of the private build key. */
  identityFile: z.string(),
  /** The machine's pinned public host key, as one `ssh-ed25519 AAAA…` string. Anything else is refused. */
  hostKey: z.string(),
  /** Absolute path, on the machine, of the agent's Unix socket. */
  agentSocket: z.string(),
});
export type MachineAccess = z.infer<typeof MachineAccess>;
