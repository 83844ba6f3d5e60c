import { type AdoptedHost, adoptedHost, type StateFolder, workstationAccount } from '@build-machines/machines';

/** An adopted host, as its targets act on it: with the environment of this process. */
export function hostOf(state: StateFolder, name: string): Promise<AdoptedHost> {
  return adoptedHost(state, name, { account: workstationAccount(), authSocket: process.env['SSH_AUTH_SOCK'] });
}
