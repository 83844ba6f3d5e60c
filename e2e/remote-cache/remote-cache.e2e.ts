import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  HubClient,
  type RunningCacheProxy,
  type RunningHub,
  startCacheProxy,
  startHub,
} from '@build-machines/state-hub';
import { CachedWorkspace } from './cached-workspace.js';

const ADMIN_TOKEN = 'an-admin-token-for-the-cache-0123456789';
const ACCESS = 'an-access-token-for-the-proxy-0123456789';

describe('what one workspace built is a hit in another', () => {
  let folder: string;
  let hub: RunningHub;
  let tokens: { read: string; write: string };
  let workspaces: CachedWorkspace[] = [];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hub-'));
    hub = await startHub({ port: 0, databaseFile: join(folder, 'hub.db'), adminToken: ADMIN_TOKEN });
    const admin = new HubClient({ url: hub.url, token: ADMIN_TOKEN });
    tokens = {
      write: (await admin.createToken({ role: 'cache-write', name: 'ci' })).token,
      read: (await admin.createToken({ role: 'cache-read', name: 'pull-request' })).token,
    };
  });
  afterEach(async () => {
    for (const workspace of workspaces) await workspace.remove();
    workspaces = [];
  });
  afterAll(async () => {
    await hub.close();
    await rm(folder, { recursive: true, force: true });
  });

  const workspace = async () => {
    const made = await CachedWorkspace.create();
    workspaces.push(made);
    return made;
  };
  const records = () => readdir(join(folder, 'cache/entries'));
  const viaProxy = async (
    hubUrl: string,
    hubToken: string,
    use: (cache: { url: string; token: string }) => Promise<void>,
  ): Promise<void> => {
    const proxy: RunningCacheProxy = await startCacheProxy({
      hubUrl,
      hubToken,
      accessToken: ACCESS,
      spoolFolder: join(folder, 'spool'),
      answerMs: 1_000,
      stallMs: 1_000,
    });
    try {
      await use({ url: proxy.url, token: ACCESS });
    } finally {
      await proxy.close();
    }
  };

  it('directly from the hub', async () => {
    const [ci, desk] = [await workspace(), await workspace()];
    expect(await ci.build({ url: hub.url, token: tokens.write })).toMatchObject({ exitCode: 0, source: 'executed' });
    expect(await desk.build({ url: hub.url, token: tokens.read })).toMatchObject({
      exitCode: 0,
      source: 'remote cache',
    });
    expect(await desk.built()).toBe('one\n');
  });

  it('through the proxy, and never for other sources', async () => {
    await viaProxy(hub.url, tokens.write, async (cache) => {
      const [ci, desk] = [await workspace(), await workspace()];
      await ci.edit('two\n');
      expect(await ci.build(cache)).toMatchObject({ exitCode: 0, source: 'executed' });
      await desk.edit('three\n');
      expect(await desk.build(cache)).toMatchObject({ exitCode: 0, source: 'executed' });
      await desk.edit('two\n');
      expect(await desk.build(cache)).toMatchObject({ exitCode: 0, source: 'remote cache' });
      expect(await desk.built()).toBe('two\n');
    });
  });

  it('but what a pull request built is nobody’s hit', async () => {
    const before = await records();
    await viaProxy(hub.url, tokens.read, async (cache) => {
      const pullRequest = await workspace();
      await pullRequest.edit('poison\n');
      expect(await pullRequest.build(cache)).toMatchObject({ exitCode: 0, source: 'executed' });
    });
    expect(await records()).toEqual(before);
  });

  const faults: [string, RequestListener][] = [
    ['is out of order', (_request, response) => response.writeHead(503).end()],
    ['never answers', () => undefined],
    [
      'is cut off in the middle of a record',
      (request, response) => {
        request.resume();
        response.writeHead(200, { 'content-length': 100_000 }).write('x'.repeat(50_000));
        setTimeout(() => response.destroy(), 50);
      },
    ],
  ];

  it.each(faults)('a hub that %s costs time, never the run', async (_case, listener) => {
    const broken: Server = createServer(listener);
    await new Promise<void>((resolve) => broken.listen(0, '127.0.0.1', resolve));
    try {
      await viaProxy(`http://127.0.0.1:${(broken.address() as AddressInfo).port}`, tokens.write, async (cache) => {
        const desk = await workspace();
        expect(await desk.build(cache)).toMatchObject({ exitCode: 0, source: 'executed' });
        expect(await desk.built()).toBe('one\n');
      });
    } finally {
      broken.closeAllConnections();
      broken.close();
    }
  });

  it('and a hub that is down costs nothing', async () => {
    await viaProxy('http://127.0.0.1:1', tokens.write, async (cache) => {
      const desk = await workspace();
      expect(await desk.build(cache)).toMatchObject({ exitCode: 0, source: 'executed' });
    });
  });
});
