import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { request } from 'undici';
import { HubRig } from '../testing/hub-rig.js';
import { stubbornUpload } from '../testing/stubborn-upload.js';
import type { CacheProxyOptionsInput } from './proxy-options.js';
import { type RunningCacheProxy, startCacheProxy } from './start-cache-proxy.js';

const ACCESS = 'an-access-token-for-the-proxy-0123456789';
const HASH = '12345678901234567890';

describe('the cache proxy', () => {
  let rig: HubRig;
  let write: string;
  let read: string;
  let proxy: RunningCacheProxy | undefined;
  let upstream: Server | undefined;
  beforeAll(async () => {
    rig = await HubRig.start();
    write = (await rig.client().createToken({ role: 'cache-write', name: 'ci' })).token;
    read = (await rig.client().createToken({ role: 'cache-read', name: 'pr' })).token;
  });
  afterEach(async () => {
    await proxy?.close();
    upstream?.closeAllConnections();
    upstream?.close();
    upstream = undefined;
  });
  afterAll(() => rig.close());

  const start = async (changes: Partial<CacheProxyOptionsInput> = {}) => {
    proxy = await startCacheProxy({
      hubUrl: rig.url,
      hubToken: write,
      accessToken: ACCESS,
      spoolFolder: join(rig.folder, 'spool'),
      answerMs: 200,
      stallMs: 200,
      ...changes,
    });
  };
  /** A hub that answers as told. */
  const fake = async (listener: RequestListener): Promise<string> => {
    upstream = createHttpServer(listener);
    await new Promise<void>((resolve) => upstream?.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  };
  const get = async (hash = HASH, token = ACCESS) => {
    const { statusCode, body } = await request(`${proxy?.url ?? ''}/v1/cache/${hash}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    return { status: statusCode, bytes: Buffer.from(await body.arrayBuffer()) };
  };
  const put = async (bytes: Buffer, hash = HASH, token = ACCESS) => {
    const { statusCode, body } = await request(`${proxy?.url ?? ''}/v1/cache/${hash}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${token}` },
      body: bytes,
    });
    await body.dump();
    return statusCode;
  };

  it('passes records through, whole', async () => {
    await start();
    const bytes = randomBytes(300_000);
    expect(await put(bytes)).toBe(200);
    const answer = await get();
    expect(answer.status).toBe(200);
    expect(answer.bytes.equals(bytes)).toBe(true);
    expect(await put(bytes)).toBe(409);
    expect((await get('1')).status).toBe(404);
    expect(await readdir(join(rig.folder, 'spool'))).toEqual([]);
  });

  it('passes on that a token may only read, which Nx takes quietly', async () => {
    await start({ hubToken: read });
    expect(await put(Buffer.from('x'), '2')).toBe(403);
  });

  it('serves nobody without its own token, and no foreign page', async () => {
    await start();
    expect((await get(HASH, 'wrong')).status).toBe(403);
    expect(await put(Buffer.from('x'), '3', 'wrong')).toBe(401);
    const { statusCode } = await request(`${proxy?.url ?? ''}/v1/cache/1`, {
      headers: { host: 'evil.example', authorization: `Bearer ${ACCESS}` },
    });
    expect(statusCode).toBe(421);
  });

  const faults: [string, RequestListener][] = [
    ['fails', (_request, response) => response.writeHead(500).end()],
    ['asks for another token', (_request, response) => response.writeHead(401).end()],
    ['never answers', () => undefined],
    ['hangs up', (incoming) => incoming.socket.destroy()],
    [
      'breaks off in the middle',
      (_request, response) => {
        response.writeHead(200, { 'content-length': 1000 }).write('x'.repeat(500));
        setTimeout(() => response.destroy(), 20);
      },
    ],
    [
      'breaks off in the middle without having said how long it would be',
      (_request, response) => {
        response.writeHead(200, { 'transfer-encoding': 'chunked' }).write('x'.repeat(500));
        setTimeout(() => response.destroy(), 20);
      },
    ],
    [
      'stands still in the middle',
      (_request, response) => {
        response.writeHead(200, { 'content-length': 1000 }).write('x'.repeat(500));
      },
    ],
    [
      'sends something else than it announced',
      (_request, response) => response.writeHead(200, { etag: `"${'0'.repeat(64)}"` }).end('x'),
    ],
  ];

  it.each(faults)('makes a miss of a hub that %s', async (_case, listener) => {
    await start({ hubUrl: await fake(listener) });
    expect(await get()).toMatchObject({ status: 404 });
    expect(await readdir(join(rig.folder, 'spool'))).toEqual([]);
  });

  it.each(faults.slice(0, 4))('lets Nx go on when a hub %s on writing', async (_case, listener) => {
    await start({ hubUrl: await fake(listener) });
    expect(await put(randomBytes(100_000))).toBe(200);
    expect(await readdir(join(rig.folder, 'spool'))).toEqual([]);
  });

  it('makes a miss of a hub that is down, and of one whose computer swallows everything', async () => {
    await start({ hubUrl: 'http://127.0.0.1:1' });
    expect((await get()).status).toBe(404);
    await proxy?.close();
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    await start({ hubUrl: `http://127.0.0.1:${(silent.address() as AddressInfo).port}` });
    expect((await get()).status).toBe(404);
    await proxy?.close();
    silent.close();
  });

  it('leaves a hub alone for a while after a fault, so that a run does not wait for each of its tasks', async () => {
    let asked = 0;
    const hubUrl = await fake((_request, response) => {
      asked += 1;
      response.writeHead(500).end();
    });
    await start({ hubUrl, restMs: 60_000 });
    for (let task = 0; task < 20; task += 1) expect((await get()).status).toBe(404);
    expect(asked).toBe(1);
  });

  it('asks again after that', async () => {
    let answers = 0;
    const hubUrl = await fake((_request, response) => {
      answers += 1;
      if (answers === 1) response.writeHead(500).end();
      else response.writeHead(200).end('back');
    });
    await start({ hubUrl, restMs: 1 });
    expect((await get()).status).toBe(404);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect((await get()).bytes.toString()).toBe('back');
  });

  it('shrugs at an upload that it has no place for, and does not cut it off: that would fail the run of Nx', async () => {
    await start();
    await rm(join(rig.folder, 'spool'), { recursive: true });
    const upload = { port: proxy?.port ?? 0, hash: '77', token: ACCESS, bytes: 30_000_000 };
    expect(await stubbornUpload(upload)).toMatch(/^HTTP\/1.1 200 [^]*the cache is out of order/);
    expect((await get('77')).status).toBe(404);
  });

  it('sends nothing on of what Nx itself broke off', async () => {
    await start();
    await new Promise<void>((resolve) => {
      const socket = connect(proxy?.port ?? 0, '127.0.0.1', () => {
        socket.write(
          `PUT /v1/cache/77 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${ACCESS}\r\nContent-Length: 1000\r\n\r\nxxx`,
          () => setTimeout(() => socket.destroy(), 20),
        );
      });
      socket.on('close', () => {
        resolve();
      });
    });
    while ((await readdir(join(rig.folder, 'spool'))).length > 0) await new Promise(setImmediate);
    expect((await get('77')).status).toBe(404);
  });

  it('leaves nothing behind when it is closed', async () => {
    await start();
    await proxy?.close();
    expect(existsSync(join(rig.folder, 'spool'))).toBe(false);
  });
});
