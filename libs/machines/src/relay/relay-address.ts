import type { MachineDefinition } from '@build-machines/protocol';

/** What of a definition decides whether its tunnel comes from another computer. */
type Connecting = Pick<MachineDefinition, 'provider' | 'relay' | 'tunnel' | 'network'>;

/**
 * The address on which the embedded relay listens for these machines: beyond this computer only where one of them
 * connects out to it from a network.
 */
export function relayAddress(definitions: readonly Connecting[]): '127.0.0.1' | '0.0.0.0' {
  return definitions.some(connectsFromOutside) ? '0.0.0.0' : '127.0.0.1';
}

function connectsFromOutside({ provider, relay, tunnel, network }: Connecting): boolean {
  if (relay.kind !== 'embedded') return false;
  switch (provider) {
    case 'sandbox':
      return false;
    case 'qemu':
      // Behind QEMU's own network a machine reaches the loopback interface of this computer as 10.0.2.2.
      return network.mode === 'bridged';
    case 'virtualbox':
      return true;
    case 'ssh':
      return tunnel && !isLoopback(relay.host);
  }
}

/** Whether a machine is told to find the relay on its own computer: then that is this one. */
function isLoopback(host: string | undefined): boolean {
  return host !== undefined && (host === 'localhost' || host === '::1' || /^127(\.\d+){3}$/.test(host));
}
