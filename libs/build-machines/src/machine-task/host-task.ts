import {
  type AdoptedHost,
  adoptedHost,
  HostNotAdoptedError,
  type StateFolder,
  workstationAccount,
} from '@build-machines/machines';

/** An adopted host, as its targets act on it: with the environment of this process. @throws HostNotAdoptedError */
export function hostOf(state: StateFolder, name: string): Promise<AdoptedHost> {
  return adoptedHost(state, name, { account: workstationAccount(), authSocket: process.env['SSH_AUTH_SOCK'] });
}

/** As {@link hostOf}; undefined where nothing of ours is on a host, so that there is nothing to end or to remove. */
export async function hostIfAdopted(state: StateFolder, name: string): Promise<AdoptedHost | undefined> {
  try {
    return await hostOf(state, name);
  } catch (error) {
    if (error instanceof HostNotAdoptedError) return undefined;
    throw error;
  }
}
