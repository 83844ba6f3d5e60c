import type { networkInterfaces } from 'node:os';

/** What `os.networkInterfaces()` returns. */
export type Interfaces = ReturnType<typeof networkInterfaces>;

/** An interface of this host that a VM could be bridged to, or under whose address it could reach the relay. */
export interface LanInterface {
  readonly name: string;
  readonly address: string;
}

/** Interfaces that no other computer can reach, by the names that container and hypervisor software give them. */
const virtualInterface = /^(docker|br-|veth|virbr|vboxnet|vmnet|lxc|lxd|cni|flannel|podman|tailscale|wg|tun|tap|utun)/;

/**
 * The interfaces that face a LAN, the likeliest first: private addresses (RFC 1918) before public ones, in the order in
 * which the system lists them. Loopback, link-local and software bridges are left out.
 */
export function lanInterfaces(interfaces: Interfaces): LanInterface[] {
  const found = Object.entries(interfaces).flatMap(([name, addresses]) =>
    (addresses ?? [])
      .filter(({ family, internal, address }) => family === 'IPv4' && !internal && !address.startsWith('169.254.'))
      .map(({ address }) => ({ name, address })),
  );
  const real = found.filter(({ name }) => !virtualInterface.test(name));
  return [
    ...real.filter(({ address }) => isPrivateAddress(address)),
    ...real.filter(({ address }) => !isPrivateAddress(address)),
  ];
}

/** Whether an IPv4 address belongs to one of RFC 1918's three private blocks. */
function isPrivateAddress(address: string): boolean {
  const [first = 0, second = 0] = address.split('.').map(Number);
  return first === 10 || (first === 172 && second >= 16 && second <= 31) || (first === 192 && second === 168);
}
