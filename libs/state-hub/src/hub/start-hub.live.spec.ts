import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFile, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Agent, request } from 'undici';
import { HubClient } from '../client/hub-client.js';
import { ADMIN_TOKEN, HubRig } from '../testing/hub-rig.js';
import { startHub } from './start-hub.js';

describe('starting a hub', () => {
  let rig: HubRig;
  beforeAll(async () => {
    rig = await HubRig.start();
  });
  afterAll(() => rig.close());

  const other = (port: number) =>
    startHub({ port, databaseFile: join(rig.folder, 'second.db'), adminToken: ADMIN_TOKEN });

  it('says that the port is held by one’s own hub', async () => {
    await expect(other(rig.hub.port)).rejects.toMatchObject({
      code: 'hub-port-taken',
      message: expect.stringContaining(
        `port ${rig.hub.port} on 127.0.0.1 is held by your own State Hub (pid ${process.pid}`,
      ),
      hint: expect.stringContaining('--port'),
      details: { holder: { user: userInfo().username } },
    });
  });

  it('says that the port is held by another program', async () => {
    const stranger = createServer((_request, response) => response.end('hello'));
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    const { port } = stranger.address() as AddressInfo;
    try {
      await expect(other(port)).rejects.toMatchObject({
        code: 'hub-port-taken',
        message: `port ${port} on 127.0.0.1 is held by another program`,
        details: { holder: null },
      });
    } finally {
      stranger.close();
    }
  });

  it.each(['127.0.0.1', 'localhost', '::1'])(
    'answers on both addresses of localhost when it is told %s, so that nobody else gets what is sent there',
    async (host) => {
      const databaseFile = join(rig.folder, 'both.db');
      const hub = await startHub({ host, port: 0, databaseFile, adminToken: ADMIN_TOKEN });
      const urls = ['127.0.0.1', '[::1]'].map((name) => `http://${name}:${hub.port}`);
      try {
        for (const url of urls) expect(await new HubClient({ url, token: ADMIN_TOKEN }).listMachines()).toEqual([]);
      } finally {
        await hub.close();
      }
      for (const url of urls) await expect(request(`${url}/healthz`)).rejects.toThrow(/ECONNREFUSED|other side closed/);
    },
  );

  it('does not start where somebody else would be reached as localhost', async () => {
    const thief = createServer((_request, response) => response.end('hello'));
    await new Promise<void>((resolve) => thief.listen({ port: 0, host: '::1', ipv6Only: true }, resolve));
    const { port } = thief.address() as AddressInfo;
    try {
      await expect(other(port)).rejects.toMatchObject({
        code: 'hub-port-taken',
        message: `port ${port} on ::1 is held by another program`,
      });
      await expect(request(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow('ECONNREFUSED');
    } finally {
      thief.close();
    }
  });

  it.each([
    ['a public address without TLS', { host: '0.0.0.0' }, 'without TLS'],
    ['a short admin token', { adminToken: 'secret' }, 'adminToken'],
    ['a relative database file', { databaseFile: 'hub.db' }, 'databaseFile'],
  ])('refuses %s', async (_case, change, message) => {
    await expect(
      startHub({ port: 0, databaseFile: join(rig.folder, 'x.db'), adminToken: ADMIN_TOKEN, ...change }),
    ).rejects.toMatchObject({ code: 'hub-options-invalid', message: expect.stringContaining(message) });
  });

  it('listens beyond this computer with TLS, and then lets nobody read without a token', async () => {
    const [key, cert] = [join(rig.folder, 'key.pem'), join(rig.folder, 'cert.pem')];
    await promisify(execFile)('openssl', [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'],
      ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', cert],
    ]);
    const tls = { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') };
    const databaseFile = join(rig.folder, 'tls.db');
    const hub = await startHub({ host: '0.0.0.0', port: 0, databaseFile, adminToken: ADMIN_TOKEN, tls });
    const dispatcher = new Agent({ connect: { ca: tls.cert } });
    try {
      const url = `https://localhost:${hub.port}`;
      await expect(new HubClient({ url, dispatcher }).listMachines()).rejects.toMatchObject({ status: 401 });
      expect(await new HubClient({ url, dispatcher, token: ADMIN_TOKEN }).listMachines()).toEqual([]);
    } finally {
      await dispatcher.close();
      await hub.close();
    }
  });

  it('keeps its database from other users', async () => {
    expect((await stat(join(rig.folder, 'hub.db'))).mode & 0o777).toBe(0o600);
  });

  it('closes when its signal is aborted, and closing twice is harmless', async () => {
    const stop = new AbortController();
    const hub = await startHub({
      port: 0,
      databaseFile: join(rig.folder, 'third.db'),
      adminToken: ADMIN_TOKEN,
      signal: stop.signal,
    });
    stop.abort();
    await hub.close();
    await expect(request(`${hub.url}/healthz`)).rejects.toThrow();
  });

  it('describes each route with the schema that checks it', async () => {
    const { body } = await request(`${rig.url}/docs/json`);
    const document = (await body.json()) as { openapi: string; paths: Record<string, Record<string, unknown>> };
    expect(document.openapi).toBe('3.1.0');
    expect(document.paths['/capability-catalog/']?.['post']).toMatchObject({
      security: [{ token: ['machine'] }],
      requestBody: {
        content: { 'application/json': { schema: { required: expect.arrayContaining(['machine_id']) } } },
      },
      responses: {
        200: {},
        403: {},
        409: { content: { 'application/json': { schema: { required: expect.arrayContaining(['code']) } } } },
      },
    });
  });
});
