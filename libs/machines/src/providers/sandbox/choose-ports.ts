import { HUB_FORWARD_PORT } from '@build-machines/protocol';
import { isPortFree, randomFreePort } from '../../network/free-port.js';
import type { SandboxRecord } from './sandbox-record.js';

/**
 * Ports for a sandbox: those that it had, where they are free or its own children hold them; else any free one for sshd,
 * and for the way to the hub 18000 or the next that is free and no other sandbox remembers.
 */
export async function choosePorts(options: {
  readonly earlier: SandboxRecord | undefined;
  readonly others: readonly SandboxRecord[];
  /** Whether the children that hold the earlier ports run. */
  readonly held: { readonly sshd: boolean; readonly tunnel: boolean };
  /** Ports that must not be taken: the machines' and services' of the workspace. */
  readonly reserved: ReadonlySet<number>;
}): Promise<Pick<SandboxRecord, 'sshdPort' | 'forwardPort'>> {
  const { earlier, others, held, reserved } = options;
  const taken = new Set([...reserved, ...others.flatMap(({ sshdPort, forwardPort }) => [sshdPort, forwardPort])]);
  const keeps = async (port: number | undefined, isHeld: boolean): Promise<number | undefined> =>
    port !== undefined && (isHeld || (!taken.has(port) && (await isPortFree(port)))) ? port : undefined;
  const sshdPort = (await keeps(earlier?.sshdPort, held.sshd)) ?? (await randomFreePort(taken));
  taken.add(sshdPort);
  let forwardPort = await keeps(earlier?.forwardPort, held.tunnel);
  for (let port = HUB_FORWARD_PORT; forwardPort === undefined && port < 65_536; port++)
    if (!taken.has(port) && (await isPortFree(port))) forwardPort = port;
  return { sshdPort, forwardPort: forwardPort ?? (await randomFreePort(taken)) };
}
