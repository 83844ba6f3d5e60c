import { userInfo } from 'node:os';
import { loopbackListeners, type StateFolder } from '@build-machines/machines';
import { BuildMachinesError } from '@build-machines/protocol';
import { HubClient } from '@build-machines/state-hub';
import { hubAdminToken } from './admin-token.js';

/** Another account of this computer listens where this user's hub should. */
export class ForeignHubError extends BuildMachinesError {
  readonly code = 'hub-foreign';
  constructor(port: number, uids: readonly number[]) {
    super(
      `Port ${String(port)}, where your State Hub should answer, is held by another account (uid ${uids.join(', ')}). ` +
        'Your token was not sent to it.',
      { hint: 'Choose another port: services.hub in port-registry.yml.', details: { port, uids } },
    );
  }
}

/**
 * A client of this user's embedded hub, with the administrator's token. The token goes to programs of this account only:
 * on a computer with several accounts any of them may take a port on which no hub runs yet. What listens is looked at
 * before each request; one that says it is a hub proves nothing.
 * @param uid of this account.
 * @throws ForeignHubError from each request, where somebody else listens.
 */
export async function embeddedHub(state: StateFolder, port: number, uid: number = userInfo().uid): Promise<HubClient> {
  const token = await hubAdminToken(state);
  return new HubClient({
    url: `http://127.0.0.1:${String(port)}`,
    token: () => {
      const others = [...loopbackListeners(port)].filter((listener) => listener !== uid);
      if (others.length > 0) throw new ForeignHubError(port, others);
      return token;
    },
  });
}
