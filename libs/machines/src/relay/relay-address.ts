import type { MachineDefinition } from '@build-machines/protocol';

/** What of a definition decides whether its tunnel comes from another computer. */
type Connecting = Pick<MachineDefinition, 'provider' | 'relay' | 'tunnel'>;

/**
 * The address on which the embedded relay listens for these machines: beyond this computer only where one of them
 * connects out to it from a network.
 */
export function relayAddress(definitions: readonly Connecting[]): '127.0.0.1' | '0.0.0.0' {
  return definitions.some(connectsFromOutside) ? '0.0.0.0' : '127.0.0.1';
}

function connectsFromOutside({ provider, relay, tunnel }: Connecting): boolean {
  if (relay.kind !== 'embedded') return false;
  switch (provider) {
    case 'sandbox':
      return false;
    case 'qemu':
      // QEMU's machines are behind its own network, whatever their definition says of bridges. There they find the loopback
      // interface of this computer as 10.0.2.2, unless they are told to look elsewhere.
      return relay.host !== undefined && relay.host !== '10.0.2.2' && !isLoopback(relay.host);
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
