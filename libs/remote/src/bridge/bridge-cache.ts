import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { readJsonFile, type StateFolder, writePrivate } from '@build-machines/machines';
import { type RunningCacheProxy, startCacheProxy } from '@build-machines/state-hub';
import { z } from 'zod';
import { embeddedHub } from './embedded-hub.js';

/** How Nx reaches the remote cache of the bridge. */
export interface CacheAccess {
  /** For NX_SELF_HOSTED_REMOTE_CACHE_SERVER. */
  readonly url: string;
  /** For NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN. */
  readonly token: string;
}

const CacheRecord = z.object({ port: z.number().int(), token: z.string().min(32) });

/** Port and secret, kept so that they stay the same from one bridge to the next; 0600. */
function recordFile(state: StateFolder): string {
  return join(state.hub, 'cache-access.json');
}

/** How to reach the cache of the bridge that runs, or ran last; undefined when there was none. */
export async function cacheAccess(state: StateFolder): Promise<CacheAccess | undefined> {
  const record = await readRecord(state);
  return record === undefined ? undefined : { url: `http://127.0.0.1:${String(record.port)}`, token: record.token };
}

/**
 * Starts the remote cache for Nx: a proxy before the hub, by which a hub that is slow or away is a miss and never fails
 * a run. It gets a token of its own that may use the cache and nothing else, new with every bridge.
 */
export async function startBridgeCache(state: StateFolder, hubUrl: string): Promise<RunningCacheProxy> {
  const record = await readRecord(state);
  const accessToken = record?.token ?? randomBytes(32).toString('base64url');
  const admin = await embeddedHub(state, Number(new URL(hubUrl).port));
  const { token: hubToken } = await admin.createToken({ role: 'cache-write', name: 'bridge', replace: true });
  const start = (port: number): Promise<RunningCacheProxy> =>
    startCacheProxy({ hubUrl, hubToken, accessToken, port, spoolFolder: join(state.hub, 'cache-spool') });
  const proxy = await start(record?.port ?? 0).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    return start(0);
  });
  if (proxy.port !== record?.port)
    await writePrivate(recordFile(state), `${JSON.stringify({ port: proxy.port, token: accessToken })}\n`);
  return proxy;
}

function readRecord(state: StateFolder): Promise<z.infer<typeof CacheRecord> | undefined> {
  return readJsonFile(recordFile(state), CacheRecord);
}
