import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ADMIN_TOKEN, HubRig, heartbeat, registration } from '../testing/hub-rig.js';

describe('tokens and roles', () => {
  let rig: HubRig;
  beforeEach(async () => {
    rig = await HubRig.start();
  });
  afterEach(() => rig.close());

  it('shows machines to anybody on loopback, and nothing else: not who builds what, and least of all logs', async () => {
    const anybody = rig.client(null);
    expect(await anybody.listMachines()).toEqual([]);
    const id = randomUUID();
    await rig.client().startRun({ id, label: 'app:remote-build', machine: 'm1' });
    for (const attempt of [
      () => anybody.register(registration('m1')),
      () => anybody.listRuns(),
      () => anybody.run(id),
      () => anybody.runLog(id),
      () => anybody.followLog(id).next(),
      () => anybody.queue(),
      () => anybody.events().next(),
      () => anybody.machineHistory(),
      () => anybody.makePageCode(),
    ]) {
      await expect(attempt()).rejects.toMatchObject({ status: 401, code: 'token-missing' });
    }
  });

  it('keeps from a machine what others build: it is not trusted', async () => {
    const machine = rig.client(await rig.client().registerMachineToken('m1'));
    await rig.client().startRun({ id: randomUUID(), label: 'secret:remote-build', machine: 'm2' });
    await expect(machine.listRuns()).rejects.toMatchObject({ status: 403 });
    await expect(machine.queue()).rejects.toMatchObject({ status: 403 });
    expect(await machine.listMachines()).toEqual([]);
  });

  it('asks for a token for machines too when told so', async () => {
    const strict = await HubRig.start({ openCatalog: false });
    try {
      await expect(strict.client(null).listMachines()).rejects.toMatchObject({ status: 401 });
      const { token } = await strict.client().createToken({ role: 'read-only', name: 'dashboard' });
      expect(await strict.client(token).listMachines()).toEqual([]);
    } finally {
      await strict.close();
    }
  });

  it('lets a machine speak for itself only', async () => {
    const token = await rig.client().registerMachineToken('m1');
    await rig.client(token).register(registration('m1'));
    await expect(rig.client(token).register(registration('m2'))).rejects.toMatchObject({
      status: 403,
      code: 'access-denied',
    });
    const { id } = await rig.client().register(registration('m3'));
    await expect(rig.client(token).deregister(id)).rejects.toMatchObject({ status: 403 });
    await expect(rig.client(token).heartbeat(id, heartbeat('m3', rig.clock))).rejects.toMatchObject({ status: 403 });
  });

  it.each([
    [1, 'machine-session-conflict'],
    [61, 'machine-id-taken'],
    [86_400, 'machine-id-taken'],
  ])('keeps a machine id from another machine’s token, after %d s of silence too (%s)', async (seconds, code) => {
    const [victim, thief] = await Promise.all(
      ['m1', 'm2'].map(async (name) => rig.client(await rig.client().registerMachineToken(name))),
    );
    const { id } = (await victim?.register(registration('m1'))) ?? {};
    await thief?.register(registration('m2'));
    await rig.restart();
    rig.passSeconds(seconds);
    await expect(thief?.register(registration('m2', { machine_id: 'id-of-m1' }))).rejects.toMatchObject({
      status: 409,
      code,
      message: expect.stringMatching(/id-of-m1.*"m1".*"m2"/),
    });
    expect(await victim?.register(registration('m1'))).toMatchObject({ id });
    const machines = await rig.client().listMachines();
    expect(machines.map(({ name, machine_id }) => [name, machine_id])).toEqual([
      ['m1', 'id-of-m1'],
      ['m2', 'id-of-m2'],
    ]);
  });

  it.each(['machine', 'user', 'read-only', 'cache-read', 'cache-write'] as const)(
    'keeps a %s token from what is the admin’s',
    async (role) => {
      const { token } = await rig.client().createToken({ role, name: 'x' });
      await expect(rig.client(token).listTokens()).rejects.toMatchObject({ status: 403 });
      await expect(rig.client(token).setMachineMode('m1', { mode: 'draining' })).rejects.toMatchObject({ status: 403 });
    },
  );

  it('stores a secret made elsewhere, as often as it is told', async () => {
    const secret = 's'.repeat(40);
    expect(await rig.client().registerMachineToken('m1', secret)).toBe(secret);
    expect(await rig.client().registerMachineToken('m1', secret)).toBe(secret);
    await rig.client(secret).register(registration('m1'));
    expect(await rig.client().listTokens()).toHaveLength(1);
  });

  it('ends a machine’s earlier token when it uses its new one, not before', async () => {
    const first = await rig.client().registerMachineToken('m1');
    const second = await rig.client().registerMachineToken('m1');
    await rig.client(first).register(registration('m1'));
    await rig.client(second).register(registration('m1'));
    await expect(rig.client(first).register(registration('m1'))).rejects.toMatchObject({ status: 401 });
    await rig.client(second).register(registration('m1'));
  });

  it('ends a machine’s earlier token after a quarter of an hour although the new one was never used', async () => {
    const first = await rig.client().registerMachineToken('m1');
    await rig.client().registerMachineToken('m1');
    rig.passSeconds(901);
    await expect(rig.client(first).register(registration('m1'))).rejects.toMatchObject({ status: 401 });
  });

  it('ends a user’s earlier token at once', async () => {
    const { token } = await rig.client().createToken({ role: 'user', name: 'ada' });
    await rig.client().createToken({ role: 'user', name: 'ada', replace: true });
    await expect(rig.client(token).listTokens()).rejects.toMatchObject({ status: 401 });
  });

  it('refuses a revoked token at once', async () => {
    const { token, id } = await rig.client().createToken({ role: 'machine', name: 'm1' });
    await rig.client().revokeToken(id);
    await expect(rig.client(token).register(registration('m1'))).rejects.toMatchObject({ status: 401 });
    await expect(rig.client().revokeToken(id)).rejects.toMatchObject({ status: 404, code: 'token-unknown' });
  });

  it('keeps no secret on disk, only hashes', async () => {
    const { token } = await rig.client().createToken({ role: 'user', name: 'ada' });
    const files = await Promise.all(['hub.db', 'hub.db-wal'].map((name) => readFile(join(rig.folder, name), 'latin1')));
    for (const secret of [token, ADMIN_TOKEN]) expect(files.some((text) => text.includes(secret))).toBe(false);
    expect(files.some((text) => text.includes('ada'))).toBe(true);
  });

  it('says how long to wait after many unknown tokens, and still answers the valid one', async () => {
    const codes = new Set<unknown>();
    for (let attempt = 0; attempt < 61; attempt += 1) {
      const error: unknown = await rig
        .client(`wrong-${attempt}-0123456789012345678901234567890`)
        .listTokens()
        .catch((reason: unknown) => reason);
      codes.add((error as { status?: number }).status);
    }
    expect([...codes]).toEqual([401, 429]);
    expect(await rig.client().listTokens()).toEqual([]);
  });
});
