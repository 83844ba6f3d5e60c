import { CatalogMapping } from '@build-machines/protocol';
import { TUNNEL_HOST } from '../relay/tunnel-line.js';
import type { LoadedMachine } from './load.js';

/** The State Hub that a machine registers at. */
export interface HubEndpoint {
  /** As seen from the relay, that is from the workstation: where the machine's forward tunnel leads. */
  readonly host: string;
  readonly port: number;
  /** What stands before each path there, such as `/hub`; mostly nothing. */
  readonly path: string;
  /** How an existing hub lays out its catalog; null: it is the embedded one, whose catalog needs no description. */
  readonly catalog: CatalogMapping | null;
}

/** Names of this computer, which sshd compares as text: both ends of a tunnel write {@link TUNNEL_HOST}. */
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * The hub that a machine's tunnel leads to: the one that machine.yml names, else the embedded one. A machine speaks plain
 * HTTP through its tunnel, so it cannot register at a hub by `https:`, and does so at the embedded one; see
 * {@link registersElsewhere}.
 */
export function hubEndpoint({ definition, services }: Pick<LoadedMachine, 'definition' | 'services'>): HubEndpoint {
  const { url, catalog } = definition.hub;
  const at = url === undefined ? undefined : new URL(url);
  if (at?.protocol !== 'http:') return { host: TUNNEL_HOST, port: services.hub, path: '', catalog: null };
  return {
    host: LOOPBACK.test(at.hostname) ? TUNNEL_HOST : at.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: at.port === '' ? 80 : Number(at.port),
    path: at.pathname.replace(/\/+$/, ''),
    catalog: catalog ?? CatalogMapping.parse({}),
  };
}

/** Why a machine does not register at the hub that its machine.yml names; null where it does. */
export function registersElsewhere({ definition: { hub, name } }: Pick<LoadedMachine, 'definition'>): string | null {
  if (hub.url === undefined || new URL(hub.url).protocol === 'http:') return null;
  return `${name} registers at the embedded hub: through its tunnel it can reach ${hub.url} by http: only`;
}
