import { randomUUID } from 'node:crypto';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { WaitingRequest } from '../api/leases.js';
import { thisProcess } from './local-process.js';
import { HubRig, heartbeat, registration } from '../testing/hub-rig.js';

describe('leases over HTTP', () => {
  let rig: HubRig;
  beforeEach(async () => {
    rig = await HubRig.start();
    await rig.client().register(registration('m1'));
  });
  afterEach(() => rig.close());

  const userClient = async (name: string) => rig.client((await rig.client().createToken({ role: 'user', name })).token);
  const build = { label: 'app:remote-build' };

  it('gives a machine at once when one is free, and tells what was given', async () => {
    const ada = await userClient('ada');
    const held = await ada.acquireLease({ ...build, requirements: { ghc: '9.6.6' } });
    expect(held.lease).toMatchObject({ user: 'ada', machine: 'm1', machine_id: 'id-of-m1', slot: 0, fence: 1 });
    expect(await rig.client().listMachines()).toMatchObject([{ slots_leased: 1 }]);
    await held.release();
    expect(await rig.client().queue()).toEqual({ leases: [], waiting: [] });
  });

  it('says why and how long, while one waits, and ends the wait as soon as the slot is free', async () => {
    const first = await (await userClient('ada')).acquireLease(build);
    const told: WaitingRequest[] = [];
    const bob = (await userClient('bob')).acquireLease(build, { onWaiting: (request) => told.push(request) });
    while (told.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(told[0]).toMatchObject({ position: 1, reasons: ['m1 is busy with ada (app:remote-build)'] });
    await first.release();
    expect((await bob).lease).toMatchObject({ user: 'bob', fence: 2 });
  });

  it('leaves the queue when the client gives up', async () => {
    await (await userClient('ada')).acquireLease(build);
    const stop = new AbortController();
    const waiting = (await userClient('bob')).acquireLease(build, {
      signal: stop.signal,
      onWaiting: () => {
        stop.abort();
      },
    });
    await expect(waiting).rejects.toThrow();
    expect((await rig.client().queue()).waiting).toEqual([]);
  });

  it('refuses at once what no machine can ever meet, with what there is instead', async () => {
    await expect(rig.client().acquireLease({ ...build, requirements: { ghc: '9.8.4' } })).rejects.toMatchObject({
      status: 422,
      code: 'no-machine-fits',
      message: expect.stringContaining('m1: has ghc 9.6.6'),
    });
  });

  it('chooses among the machines that are named only', async () => {
    await rig.client().register(registration('m2', { tunnel_port: 12222 }));
    const held = await rig.client().acquireLease({ ...build, requirements: { machines: ['m2', 'm3'] } });
    expect(held.lease.machine).toBe('m2');
    const other = rig.client().acquireLease({ ...build, requirements: { machines: ['m3'] } });
    await expect(other).rejects.toMatchObject({
      code: 'no-machine-fits',
      message: expect.stringContaining('one of m3'),
    });
    await held.release();
  });

  it('does not wait for ever for machines that have gone', async () => {
    const { id } = await rig.client().register(registration('m1'));
    await rig.client().acquireLease(build);
    const told: WaitingRequest[] = [];
    const waiting = rig.client().acquireLease(build, {
      absentMs: 0,
      onWaiting: (request) => {
        told.push(request);
        if (told.length === 1) void rig.client().deregister(id);
      },
    });
    await expect(waiting).rejects.toMatchObject({ code: 'machines-absent' });
    expect(told.at(-1)).toMatchObject({
      absent: true,
      givesUpAt: expect.any(Date),
      reasons: ['no machine that fits is registered any more'],
    });
    expect((await rig.client().queue()).waiting).toEqual([]);
  });

  it('tells who waits for a machine since when it is silent: while it is busy, stale, and gone at last', async () => {
    const sweeping = await HubRig.start({ sweepSeconds: 0.02 });
    const client = sweeping.client();
    await client.register(registration('m1'));
    await client.acquireLease({ ...build, lease_seconds: 3600 });
    const id = randomUUID();
    await client.requestLease({ ...build, id });
    const since = new Date(sweeping.clock).toISOString().slice(11, 19);
    const seen: unknown[] = [];
    for (const seconds of [20, 15, 30, 50, 50, 20]) {
      sweeping.passSeconds(seconds);
      await new Promise((resolve) => setTimeout(resolve, 150));
      const ticket = await client.pollLease(id, 0);
      if (ticket.status !== 'waiting') throw new Error('it waits no more');
      seen.push(...ticket.request.reasons);
    }
    expect([...new Set(seen)]).toEqual([
      'm1 is busy with admin (app:remote-build)',
      `m1 is busy with admin (app:remote-build), and silent since ${since} UTC`,
      `m1 has been silent since ${since} UTC, counts as gone 180 s after that`,
      `m1 is gone: it has been silent since ${since} UTC`,
    ]);
    await sweeping.close();
  });

  it('answers a repeated request with the same ticket, so that a lost answer costs no slot', async () => {
    const request = { ...build, id: randomUUID() };
    const first = await rig.client().requestLease(request);
    expect(await rig.client().requestLease(request)).toEqual(first);
    expect((await rig.client().queue()).leases).toHaveLength(1);
  });

  it('keeps a lease over a restart of the hub, with its fence', async () => {
    const held = await rig.client().acquireLease(build);
    rig.passSeconds(30);
    await rig.restart();
    rig.passSeconds(50);
    expect(await rig.client().renewLease(held.lease.id)).toMatchObject({ machine: 'm1', fence: 1 });
    await held.release();
  });

  it('does not let a late client renew a lease that has expired, nor pass for its holder', async () => {
    const { lease } = await rig.client().acquireLease({ ...build, lease_seconds: 5 });
    rig.passSeconds(6);
    const next = await rig.client().acquireLease(build);
    await expect(rig.client().renewLease(lease.id)).rejects.toMatchObject({ status: 410, code: 'lease-ended' });
    expect(await rig.client().isFenceValid({ machine: 'm1', slot: 0, fence: lease.fence })).toBe(false);
    expect(await rig.client().isFenceValid({ machine: 'm1', slot: 0, fence: next.lease.fence })).toBe(true);
  });

  it('ends the lease of a process that was killed as soon as somebody else wants the slot', async () => {
    const client = spawn('sleep', ['60']);
    await once(client, 'spawn');
    const stat = readFileSync(`/proc/${client.pid!}/stat`, 'latin1');
    const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]!;
    const holder = { ...thisProcess()!, pid: client.pid!, started };
    const first = randomUUID();
    await rig.client().requestLease({ ...build, id: first, holder });
    const second = randomUUID();
    expect(await rig.client().requestLease({ ...build, id: second })).toMatchObject({ status: 'waiting' });
    client.kill('SIGKILL');
    await once(client, 'exit');
    expect(await rig.client().requestLease({ ...build, id: randomUUID() })).toMatchObject({ status: 'waiting' });
    expect(await rig.client().pollLease(first, 0)).toMatchObject({ status: 'ended', reason: 'holder-died' });
    expect(await rig.client().pollLease(second, 0)).toMatchObject({ status: 'granted' });
  });

  it('keeps a lease over a nap of the computer, although somebody waits', async () => {
    let steady = 0;
    const napping = await HubRig.start({ steady: () => steady });
    await napping.client().register(registration('m1'));
    const { lease } = await napping.client().acquireLease({ ...build, lease_seconds: 30 });
    await napping.client().requestLease({ ...build, id: randomUUID() });
    napping.passSeconds(3_600);
    expect(await napping.client().renewLease(lease.id)).toMatchObject({ fence: 1 });
    expect(await napping.client().listMachines()).toMatchObject([{ state: 'ready' }]);
    napping.passSeconds(31);
    steady += 31_000;
    await expect(napping.client().renewLease(lease.id)).rejects.toMatchObject({ code: 'lease-ended' });
    await napping.close();
  });

  it('is got again on the same machine by a holder that was away too long, who loses nothing by it', async () => {
    await rig.client().register(registration('m2', { tunnel_port: 12222 }));
    const onFirst = { requirements: { machines: ['m1'] } };
    const held = await rig.client().acquireLease({ ...build, ...onFirst, lease_seconds: 5 });
    rig.passSeconds(6);
    const id = randomUUID();
    expect(await rig.client().requestLease({ ...build, ...onFirst, id })).toMatchObject({ lease: { fence: 2 } });
    const waits = async () => (await rig.client().queue()).waiting.length === 1;
    while (!(await waits())) await new Promise((resolve) => setTimeout(resolve, 50));
    await rig.client().releaseLease(id);
    while (held.lease.fence === 1) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(held.lease).toMatchObject({ machine: 'm1', fence: 3 });
    expect(held.lost.aborted).toBe(false);
    await held.release();
    expect(await rig.client().queue()).toEqual({ leases: [], waiting: [] });
  });

  it('tells a holder whose lease was taken away', async () => {
    const held = await rig.client().acquireLease({ ...build, lease_seconds: 5 });
    await rig.client().revokeLease(held.lease.id);
    await once(held.lost, 'abort');
    expect(held.lost.reason).toMatchObject({ code: 'lease-ended', details: { reason: 'revoked' } });
  });

  it('frees the leases of a machine that is rebuilt', async () => {
    const { lease } = await rig.client().acquireLease({ ...build, lease_seconds: 3600 });
    rig.passSeconds(61);
    await rig.client().register(registration('m1', { machine_id: 'rebuilt' }));
    expect(await rig.client().pollLease(lease.id, 0)).toMatchObject({ status: 'ended', reason: 'machine-replaced' });
  });

  it('frees the leases of a machine that is gone', async () => {
    const sweeping = await HubRig.start({ sweepSeconds: 0.01 });
    try {
      await sweeping.client().register(registration('m1'));
      const { lease } = await sweeping.client().acquireLease({ ...build, lease_seconds: 3600 });
      sweeping.passSeconds(181);
      let ticket = await sweeping.client().pollLease(lease.id, 0);
      while (ticket.status === 'granted') ticket = await sweeping.client().pollLease(lease.id, 0);
      expect(ticket).toMatchObject({ status: 'ended', reason: 'machine-gone', machine: 'm1' });
    } finally {
      await sweeping.close();
    }
  });

  it('tells a machine the fences of its live leases in answer to its heartbeat', async () => {
    const { id } = await rig.client().register(registration('m1'));
    const { lease } = await rig.client().acquireLease(build);
    expect((await rig.client().heartbeat(id, heartbeat('m1', rig.clock))).leases).toEqual([
      { lease_id: lease.id, slot: 0, fence: lease.fence },
    ]);
  });

  it('gives nothing on a machine that is being drained, and says so', async () => {
    await rig.client().setMachineMode('m1', { mode: 'draining', note: 'new disk' });
    const ticket = await rig.client().requestLease({ ...build, id: randomUUID() });
    expect(ticket).toMatchObject({ request: { reasons: ['m1 is being drained (new disk)'] } });
    await rig.client().setMachineMode('m1', { mode: 'active' });
    expect((await rig.client().queue()).leases).toHaveLength(1);
  });

  it('leaves a machine alone that failed three times in a row', async () => {
    for (let time = 0; time < 3; time += 1) await (await rig.client().acquireLease(build)).release({ fault: true });
    const ticket = await rig.client().requestLease({ ...build, id: randomUUID() });
    expect(ticket).toMatchObject({ request: { reasons: [expect.stringContaining('failed several times')] } });
  });

  it('lets nobody use or take a lease of somebody else', async () => {
    const { lease } = await (await userClient('ada')).acquireLease(build);
    const bob = await userClient('bob');
    for (const attempt of [bob.renewLease(lease.id), bob.releaseLease(lease.id), bob.pollLease(lease.id, 0)]) {
      await expect(attempt).rejects.toMatchObject({ status: 403, code: 'access-denied' });
    }
    await expect(bob.revokeLease(lease.id)).rejects.toMatchObject({ status: 403 });
    await expect(bob.acquireLease({ ...build, user: 'ada' })).rejects.toMatchObject({ status: 403 });
    await expect(bob.renewLease(randomUUID())).rejects.toMatchObject({ status: 404, code: 'lease-unknown' });
  });
});
