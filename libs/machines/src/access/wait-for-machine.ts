import { BuildMachinesError } from '@build-machines/protocol';
import { isListening } from '../network/port-holder.js';
import { readBanner } from '../network/ssh-banner.js';
import type { MachineAccess } from './machine-access.js';

/** A machine did not answer in time. `details.layer` says how far it got: `tunnel` or `ssh`. */
export class MachineUnreachableError extends BuildMachinesError {
  readonly code = 'machine-unreachable';
}

/**
 * Waits until the machine's SSH answers through its tunnel. Whether the agent behind it answers is asked by the client of
 * the agent. Returns the SSH banner.
 * @throws MachineUnreachableError that tells a missing tunnel from a silent machine, with the fix for each.
 */
export async function waitForMachine(
  access: Pick<MachineAccess, 'name' | 'sshHost' | 'sshPort'>,
  options: { readonly timeoutMs: number; readonly signal?: AbortSignal },
): Promise<string> {
  const { name, sshHost: host, sshPort: port } = access;
  try {
    return await readBanner({ host, port, ...options });
  } catch (error) {
    options.signal?.throwIfAborted();
    const seconds = Math.round(options.timeoutMs / 1000);
    const isLocal = host === '127.0.0.1' || host === 'localhost';
    if (isLocal && !(await isListening(port)))
      throw new MachineUnreachableError(
        `the tunnel of machine "${name}" did not come up: nothing listens on port ${port} after ${seconds} s`,
        {
          hint: `See what holds it up with \`nx run ${name}:bridge-status\` and \`nx run ${name}:logs\`; then \`nx run ${name}:up\` again.`,
          details: { layer: 'tunnel' },
          cause: error,
        },
      );
    throw new MachineUnreachableError(`machine "${name}" does not answer SSH on ${host}:${port} after ${seconds} s`, {
      hint: `The way there is open, but its sshd is silent. Look at \`nx run ${name}:logs\`, or start the machine anew: \`nx run ${name}:down\`, then \`nx run ${name}:up\`.`,
      details: { layer: 'ssh' },
      cause: error,
    });
  }
}
