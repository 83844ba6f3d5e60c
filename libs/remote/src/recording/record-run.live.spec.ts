import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { HubClient, startHub, type RunningHub } from '@build-machines/state-hub';
import { recordRun } from './record-run.js';

const adminToken = 'an-admin-token-of-this-very-test-0123456789';
const start = () => ({ id: randomUUID(), label: 'app:remote-build', machine: 'sandbox', user: 'me' });

describe('the record of a run', () => {
  let folder: string;
  let running: RunningHub;
  let hub: HubClient;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bmr-'));
    running = await startHub({ host: '127.0.0.1', port: 0, databaseFile: join(folder, 'hub.db'), adminToken });
    hub = new HubClient({ url: running.url, token: adminToken });
  });
  afterAll(async () => {
    await running.close();
    await rm(folder, { recursive: true });
  });

  it('has the log from the first line, what was printed before the hub answered included, and the end', async () => {
    const run = start();
    const recording = recordRun(hub, run);
    recording.output('first\n');
    recording.output('second\n');
    await recording.finish({ outcome: 'succeeded', exit_code: 0, bytes_sent: 7 });
    expect(await hub.run(run.id)).toMatchObject({ outcome: 'succeeded', user: 'me', finish: { bytes_sent: 7 } });
    expect(await text(await hub.runLog(run.id))).toBe('first\nsecond\n');
  });

  it('can be followed while the run goes on', async () => {
    const run = start();
    const recording = recordRun(hub, run);
    recording.output('now\n');
    let seen = '';
    while (seen === '') {
      const { runs } = await hub.listRuns();
      if (runs.some(({ id, log_bytes }) => id === run.id && log_bytes > 0)) seen = await text(await hub.runLog(run.id));
    }
    expect([seen, (await hub.run(run.id)).outcome]).toEqual(['now\n', 'running']);
    await recording.finish({ outcome: 'cancelled' });
  });

  it('is given up without a word when what is known of the run never comes', async () => {
    const recording = recordRun(hub, Promise.reject(new Error('no git')));
    recording.output('x');
    await recording.finish({ outcome: 'failed' });
    expect((await hub.listRuns({ outcome: 'failed' })).runs).toEqual([]);
  });
});

describe('a hub that fails', () => {
  let silent: Server;
  beforeAll(async () => {
    silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => {
    silent.closeAllConnections();
    silent.close();
  });

  it.each([
    ['is down', () => 'http://127.0.0.1:1'],
    ['never answers', () => `http://127.0.0.1:${(silent.address() as AddressInfo).port}`],
  ])('and %s neither fails a run nor keeps it from ending', async (_, url) => {
    const recording = recordRun(new HubClient({ url: url(), token: adminToken }), start(), 100);
    for (let line = 0; line < 1_000; line += 1) recording.output('x'.repeat(100_000));
    await recording.finish({ outcome: 'succeeded' });
  });
});
