import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { HubRig } from '../testing/hub-rig.js';
import { stubbornUpload } from '../testing/stubborn-upload.js';

const asRoot = process.getuid?.() === 0 ? describe : describe.skip;
const HASH = '12345678901234567890';

describe('the Nx remote cache', () => {
  let rig: HubRig;
  let tokens: { read: string; write: string; machine: string; user: string };
  beforeEach(async () => {
    rig = await HubRig.start({ cacheMaxBytes: 10_000, cacheMaxEntryBytes: 5_000 });
    const make = async (role: 'cache-read' | 'cache-write' | 'machine' | 'user') =>
      (await rig.client().createToken({ role, name: 'x' })).token;
    tokens = {
      read: await make('cache-read'),
      write: await make('cache-write'),
      machine: await make('machine'),
      user: await make('user'),
    };
  });
  afterEach(() => rig.close());

  const get = async (hash: string, token: string | null) => {
    const { statusCode, headers, body } = await request(`${rig.url}/v1/cache/${hash}`, {
      headers: token === null ? {} : { authorization: `Bearer ${token}` },
    });
    return { status: statusCode, headers, bytes: Buffer.from(await body.arrayBuffer()) };
  };
  const put = async (hash: string, token: string | null, bytes: Buffer) => {
    const { statusCode, headers, body } = await request(`${rig.url}/v1/cache/${hash}`, {
      method: 'PUT',
      headers: {
        'content-type': 'application/octet-stream',
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      body: bytes,
    });
    return { status: statusCode, type: headers['content-type'], text: await body.text() };
  };
  const files = (folder: string) => readdir(join(rig.folder, 'cache', folder));

  it('returns what was stored, byte by byte', async () => {
    const bytes = randomBytes(4_000);
    expect(await put(HASH, tokens.write, bytes)).toMatchObject({ status: 200 });
    const answer = await get(HASH, tokens.read);
    expect(answer).toMatchObject({
      status: 200,
      headers: { 'content-type': 'application/octet-stream', 'content-length': '4000' },
    });
    expect(answer.bytes.equals(bytes)).toBe(true);
  });

  it.each([
    ['GET of what is not there', () => get(HASH, tokens.read), 404],
    ['GET without a token', () => get(HASH, null), 403],
    ['GET with an unknown token', () => get(HASH, 'unknown'), 403],
    ['GET by a machine', () => get(HASH, tokens.machine), 403],
    ['GET of a name that is no hash', () => get('..%2f..%2fhub.db', tokens.read), 404],
    ['PUT without a token', () => put(HASH, null, Buffer.from('x')), 401],
    ['PUT with an unknown token', () => put(HASH, 'unknown', Buffer.from('x')), 401],
    ['PUT with a read token', () => put(HASH, tokens.read, Buffer.from('x')), 403],
    ['PUT by a user', () => put(HASH, tokens.user, Buffer.from('x')), 403],
    ['PUT by a machine', () => put(HASH, tokens.machine, Buffer.from('x')), 403],
    ['PUT of more than an entry may have', () => put(HASH, tokens.write, Buffer.alloc(5_001)), 413],
    ['PUT under a name that is no hash', () => put('a%2fb', tokens.write, Buffer.from('x')), 400],
  ])('answers %s with %3$i', async (_case, attempt, status) => {
    expect(await attempt()).toMatchObject({ status });
    expect(await files('entries')).toEqual([]);
  });

  it.each([[[]], [['Connection: close']]])(
    'tells a client that sends all before it reads why its large upload is refused (%j)',
    async (headers) => {
      for (const [token, status] of [
        [tokens.write, 413],
        [tokens.read, 403],
        ['unknown', 401],
      ] as const) {
        const upload = { port: rig.hub.port, hash: HASH, token, bytes: 30_000_000, headers };
        expect(await stubbornUpload(upload)).toMatch(new RegExp(`^HTTP/1.1 ${status} [^]*\\n.*\\S$`));
      }
    },
  );

  asRoot('on a full disk (needs root for a small tmpfs)', () => {
    let disk: string;
    beforeEach(() => {
      disk = mkdtempSync(join(tmpdir(), 'disk-'));
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]);
    });
    afterEach(() => {
      execFileSync('umount', ['--lazy', disk]);
      rmdirSync(disk);
    });

    it('says so to whoever still uploads, and keeps nothing of it', async () => {
      const full = await HubRig.start({ cacheFolder: disk });
      try {
        const { token } = await full.client().createToken({ role: 'cache-write', name: 'x' });
        const upload = { port: full.hub.port, hash: HASH, token, bytes: 30_000_000 };
        expect(await stubbornUpload(upload)).toMatch(/^HTTP\/1.1 507 [^]*Free space/);
        expect(await readdir(join(disk, 'incoming'))).toEqual([]);
      } finally {
        await full.close();
      }
    });
  });

  it('never overwrites a record, and answers in plain text', async () => {
    await put(HASH, tokens.write, Buffer.from('first'));
    expect(await put(HASH, tokens.write, Buffer.from('second'))).toMatchObject({
      status: 409,
      type: 'text/plain; charset=utf-8',
      text: expect.stringContaining('never overwritten'),
    });
    expect((await get(HASH, tokens.read)).bytes.toString()).toBe('first');
  });

  it('lets one of several simultaneous uploads win, and keeps that one whole', async () => {
    const uploads = Array.from({ length: 8 }, () => randomBytes(3_000));
    const answers = await Promise.all(uploads.map((bytes) => put(HASH, tokens.write, bytes)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409, 409, 409, 409]);
    const winner = uploads[answers.findIndex(({ status }) => status === 200)];
    expect((await get(HASH, tokens.read)).bytes.equals(winner ?? Buffer.alloc(0))).toBe(true);
    expect(await files('incoming')).toEqual([]);
  });

  it('keeps nothing of an upload that was cut', async () => {
    await new Promise<void>((resolve, reject) => {
      const socket = connect(rig.hub.port, '127.0.0.1', () => {
        socket.write(
          `PUT /v1/cache/${HASH} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${tokens.write}\r\n` +
            `Content-Type: application/octet-stream\r\nContent-Length: 4000\r\n\r\n${'x'.repeat(1000)}`,
          () => setTimeout(() => socket.destroy(), 50),
        );
      });
      socket.on('close', resolve).on('error', reject);
    });
    while ((await files('incoming')).length > 0) await new Promise(setImmediate);
    expect(await files('entries')).toEqual([]);
    expect((await get(HASH, tokens.read)).status).toBe(404);
    expect(await put(HASH, tokens.write, Buffer.from('whole'))).toMatchObject({ status: 200 });
  });

  it('evicts what was unused the longest when it is full', async () => {
    for (const hash of ['1', '2', '3']) {
      await put(hash, tokens.write, Buffer.alloc(3_000));
      rig.passSeconds(1);
    }
    await get('1', tokens.read);
    rig.passSeconds(1);
    await put('4', tokens.write, Buffer.alloc(3_000));
    expect((await files('entries')).sort()).toEqual(['1', '3', '4']);
    expect((await get('2', tokens.read)).status).toBe(404);
    expect(await rig.client().cacheStatistics()).toMatchObject({ entries: 3, bytes: 9_000, max_bytes: 10_000 });
  });

  it('clears away at its start what a crash left', async () => {
    await put('1', tokens.write, Buffer.from('kept'));
    await put('2', tokens.write, Buffer.from('truncated later'));
    await rig.hub.close();
    await writeFile(join(rig.folder, 'cache/entries/orphan'), 'x');
    await writeFile(join(rig.folder, 'cache/incoming/half'), 'x');
    await writeFile(join(rig.folder, 'cache/entries/2'), 'trunc');
    await rig.restart();
    expect(await files('incoming')).toEqual([]);
    expect((await files('entries')).sort()).toEqual(['1', '2']);
    expect((await get('1', tokens.read)).bytes.toString()).toBe('kept');
    expect((await get('2', tokens.read)).status).toBe(404);
  });

  it('counts hits, misses and stores by day', async () => {
    await put('1', tokens.write, Buffer.from('x'));
    await get('1', tokens.read);
    await get('2', tokens.read);
    await rig.restart();
    await get('1', tokens.read);
    expect((await rig.client().cacheStatistics()).days).toEqual([{ day: '2026-03-01', hits: 2, misses: 1, stores: 1 }]);
  });
});
