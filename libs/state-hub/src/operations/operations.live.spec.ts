import { PassThrough } from 'node:stream';
import { request } from 'undici';
import type { HubEvent } from '../api/events.js';
import { ADMIN_TOKEN, HubRig, heartbeat, registration } from '../testing/hub-rig.js';
import { hubLogger } from './logging.js';

describe('operating a hub', () => {
  let rig: HubRig;
  const logged: string[] = [];
  beforeEach(async () => {
    logged.length = 0;
    const sink = new PassThrough();
    sink.on('data', (chunk: Buffer) => logged.push(chunk.toString()));
    rig = await HubRig.start({ logger: hubLogger('debug', sink) });
    await rig.client().register(registration('m1'));
  });
  afterEach(() => rig.close());

  const page = async (path: string) => {
    const { statusCode, headers, body } = await request(`${rig.url}${path}`);
    return { status: statusCode, type: headers['content-type'], text: await body.text() };
  };

  it('reports its metrics in the format of Prometheus', async () => {
    await rig.client().acquireLease({ label: 'x' });
    const { type, text } = await page('/metrics');
    expect(type).toContain('text/plain');
    expect(text).toContain('hub_machines{state="ready",mode="active"} 1');
    expect(text).toContain('hub_machine_slots_leased{machine="m1"} 1');
    expect(text).toMatch(/hub_request_seconds_count\{method="POST",route="\/leases",status="200"\} 1/);
  });

  it('logs structured lines without any secret', async () => {
    const { token } = await rig.client().createToken({ role: 'user', name: 'ada' });
    await rig.client(token).queue();
    await rig
      .client(`${token}x`)
      .queue()
      .catch(() => undefined);
    const lines = logged.join('').trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toContainEqual(
      expect.objectContaining({ route: '/tokens', status: 200, as: 'admin admin' }),
    );
    for (const secret of [token, ADMIN_TOKEN]) expect(logged.join('')).not.toContain(secret);
  });

  it('redacts secrets even where somebody logs them', () => {
    const sink = new PassThrough();
    hubLogger('info', sink).info({ token: 'abc', req: { headers: { authorization: 'Bearer abc' } } }, 'oops');
    expect(String(sink.read())).not.toContain('abc');
  });

  it('shows its API on a page without scripts', async () => {
    const { type, text } = await page('/docs');
    expect(type).toContain('text/html');
    expect(text).toContain('/capability-catalog/{id}/heartbeat');
    expect(text).not.toContain('<script');
  });

  it('refuses a body that is longer than any request of its own, and one that is no JSON', async () => {
    const post = async (body: string) => {
      const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' };
      const answer = await request(`${rig.url}/leases`, { method: 'POST', headers, body });
      await answer.body.dump();
      return answer.statusCode;
    };
    expect(await post(JSON.stringify({ label: 'x'.repeat(1024 * 1024) }))).toBe(413);
    expect(await post('{')).toBe(400);
    await rig.client().queue();
  });

  it('serves only the files of its page', async () => {
    expect(await page('/')).toMatchObject({ status: 200, type: 'text/html; charset=utf-8' });
    for (const path of ['/assets/..%2f..%2fhub.db', '/assets/none.js', '/hub.db', '/%2e%2e/hub.db']) {
      expect((await page(path)).status).toBe(404);
    }
  });

  it('tells those who listen what changes', async () => {
    const events = rig.client().events();
    const first = events.next();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const [machine] = await rig.client().listMachines();
    await rig.client().heartbeat(machine!.id, heartbeat('m1', rig.clock));
    expect((await first).value).toEqual({ kind: 'machine', id: 'm1' } satisfies HubEvent);
    await events.return(undefined);
  });

  it('forgets what is over after the retention time: leases, history of machines; what is in force stays', async () => {
    const sweeping = await HubRig.start({ sweepSeconds: 0.01, runRetentionDays: 1 });
    try {
      const client = sweeping.client();
      await client.register(registration('m1'));
      const held = await client.acquireLease({ label: 'x' });
      await held.release();
      const { token } = await client.createToken({ role: 'user', name: 'ada' });
      expect(await client.pollLease(held.lease.id, 0)).toMatchObject({ status: 'ended' });
      const isRemembered = async () => {
        const { changes } = await client.machineHistory();
        return changes.some(({ change }) => change === 'registered');
      };
      expect(await isRemembered()).toBe(true);
      sweeping.passSeconds(86_401);
      while (await isRemembered()) await new Promise((resolve) => setTimeout(resolve, 10));
      await expect(client.pollLease(held.lease.id, 0)).rejects.toMatchObject({ status: 404, code: 'lease-unknown' });
      await sweeping.client(token).queue();
    } finally {
      await sweeping.close();
    }
  });

  it('lets waiting clients and streams go when it stops', async () => {
    await rig.client().acquireLease({ label: 'x' });
    const waiting = rig.client().requestLease({ id: '00000000-0000-4000-8000-000000000000', label: 'y' });
    const { id } = ((await waiting) as { request: { id: string } }).request;
    const poll = rig.client().pollLease(id, 30);
    const events = rig.client().events();
    const next = events.next();
    await new Promise((resolve) => setTimeout(resolve, 1_000)); // Both have to be waiting at the hub by then.
    const startedAt = performance.now();
    await rig.hub.close();
    expect(performance.now() - startedAt).toBeLessThan(4_000);
    expect(await poll).toMatchObject({ status: 'waiting' });
    expect(await next).toMatchObject({ done: true });
  });
});
