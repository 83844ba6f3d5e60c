import { HUB_FORWARD_PORT } from '@build-machines/protocol';
import type { LoadedMachine } from '../../definitions/load.js';
import { isPortFree, randomFreePort } from '../../network/free-port.js';
import { authorizedTunnels } from '../../relay/authorize.js';
import type { StateFolder } from '../../state/state-folder.js';
import { recordedChildren } from '../../supervision/child-record.js';
import type { SandboxLayout } from './layout.js';
import { allSandboxRecords, type SandboxRecord } from './sandbox-record.js';

/** The ports of this computer that a sandbox uses. */
export interface SandboxPorts {
  /** Of its sshd. */
  readonly sshdPort: number;
  /** The way to the hub. */
  readonly forwardPort: number;
  /** Of its tunnel at the relay. */
  readonly tunnelPort: number;
}

/** Where the search for a tunnel port begins when that of port-registry.yml is another machine's: above its usual range. */
const FURTHER_TUNNEL_PORTS = 12_231;

/**
 * Ports for a sandbox. Those that it had, where they are free or its own children hold them; else any free one for sshd,
 * for the way to the hub 18000 or the next that is free and no other sandbox remembers, and for the tunnel the one of
 * port-registry.yml or, where a machine of another workspace has that, the next that is free.
 * @param lost ports that turned out to be taken.
 */
export async function choosePorts({
  state,
  machine,
  layout,
  earlier,
  lost,
}: {
  readonly state: StateFolder;
  readonly machine: Pick<LoadedMachine, 'definition' | 'port' | 'services'>;
  readonly layout: SandboxLayout;
  readonly earlier: SandboxRecord | undefined;
  readonly lost: ReadonlySet<number>;
}): Promise<SandboxPorts> {
  const { name } = machine.definition;
  const children = await recordedChildren(layout.supervisor);
  const runs = (child: string): boolean => children.some((record) => record.name === child && record.running);
  const others = (await allSandboxRecords(state)).filter((record) => record.name !== name);
  const tunnels = await authorizedTunnels(state);
  const taken = new Set([
    ...[machine.services.relay, machine.services.hub],
    ...lost,
    ...tunnels.filter((tunnel) => tunnel.machine !== name).map(({ port }) => port),
    ...others.flatMap(({ sshdPort, forwardPort, tunnelPort }) => [sshdPort, forwardPort, tunnelPort ?? 0]),
  ]);
  const canHave = async (port: number, isHeld: boolean): Promise<boolean> =>
    !taken.has(port) && (isHeld || (await isPortFree(port)));
  const firstFree = async (from: number): Promise<number> => {
    for (let port = from; port < 65_536; port++) if (await canHave(port, false)) return port;
    return randomFreePort(taken);
  };
  const keeps = async (port: number | undefined, isHeld: boolean): Promise<number | undefined> =>
    port !== undefined && (await canHave(port, isHeld)) ? port : undefined;

  // A port that is ours by the relay's word may be held by a tunnel of ours that is dying; the next one waits for it.
  const isOurs = (port: number): boolean => tunnels.some((tunnel) => tunnel.machine === name && tunnel.port === port);
  const remembered = earlier?.settings?.port === machine.port ? earlier.tunnelPort : undefined;
  const tunnelPort =
    (await keeps(remembered, true)) ??
    (await keeps(machine.port, isOurs(machine.port))) ??
    (await firstFree(FURTHER_TUNNEL_PORTS));
  taken.add(tunnelPort);
  const sshdPort = (await keeps(earlier?.sshdPort, runs('sshd'))) ?? (await randomFreePort(taken));
  taken.add(sshdPort);
  const forwardPort = (await keeps(earlier?.forwardPort, runs('tunnel'))) ?? (await firstFree(HUB_FORWARD_PORT));
  return { sshdPort, forwardPort, tunnelPort };
}
