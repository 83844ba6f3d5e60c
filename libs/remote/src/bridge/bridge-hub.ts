import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ensurePrivateFolder, type StateFolder } from '@build-machines/machines';
import { BuildMachinesError } from '@build-machines/protocol';
import { HubClient, startHub } from '@build-machines/state-hub';
import { hubAdminToken } from './admin-token.js';
import { embeddedHub } from './embedded-hub.js';

/** The hub that a bridge works with. */
export interface BridgeHub {
  readonly url: string;
  /** Whether it runs by itself (as a systemd unit does), and is not the bridge's to end. */
  readonly adopted: boolean;
  close(): Promise<void>;
}

/**
 * Opens the embedded hub. When this user's hub already answers on the port, with this state folder's token, that one is
 * used: two processes must not work on one book of leases.
 * @param page folder of the page's built files, served when it is there.
 * @throws HubPortTakenError and whatever else hinders the hub.
 */
export async function openBridgeHub(state: StateFolder, port: number, page: string): Promise<BridgeHub> {
  await ensurePrivateFolder(state.hub);
  const adminToken = await hubAdminToken(state);
  const url = `http://127.0.0.1:${String(port)}`;
  if (await isOurs(await embeddedHub(state, port))) return { url, adopted: true, close: () => Promise.resolve() };
  const running = await startHub({
    host: '127.0.0.1',
    port,
    databaseFile: join(state.hub, 'hub.db'),
    adminToken,
    pageFolder: existsSync(page) ? page : null,
  });
  return { url: running.url, adopted: false, close: () => running.close() };
}

/** Whether a hub answers that takes our administrator token. What is no hub, or another account's, never gets to see it. */
async function isOurs(hub: HubClient): Promise<boolean> {
  const signal = AbortSignal.timeout(2_000);
  try {
    if (!(await new HubClient({ url: hub.url }).isBuildMachinesHub(signal))) return false;
    await hub.listTokens(signal);
    return true;
  } catch (error) {
    if (error instanceof BuildMachinesError || signal.aborted) return false;
    throw error;
  }
}
