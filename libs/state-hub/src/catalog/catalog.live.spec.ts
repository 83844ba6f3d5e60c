import { HubRig, heartbeat, registration } from '../testing/hub-rig.js';

describe('the capability catalog', () => {
  let rig: HubRig;
  beforeEach(async () => {
    rig = await HubRig.start();
  });
  afterEach(() => rig.close());

  const states = async () => (await rig.client().listMachines()).map(({ name, state }) => [name, state]);

  it('shows a registered machine with its toolchains, tunnel port and load', async () => {
    const { id } = await rig.client().register(registration('m1'));
    await rig.client().heartbeat(id, heartbeat('m1', rig.clock));
    const [entry] = await rig.client(null).listMachines({ capabilityType: 'haskell-build-agent' });
    expect(entry).toMatchObject({
      id,
      ...registration('m1'),
      state: 'ready',
      load: 0.5,
      mode: 'active',
      slots_leased: 0,
    });
  });

  it.each([
    ['a name of its host that fills the disk', { hostname: 'x'.repeat(257) }],
    ['what a terminal obeys', { os: 'Debian\u001b]52;c;cm0gLXJmIH4=\u0007' }],
    ['labels that a terminal obeys', { labels: { site: 'lab\u009b2J' } }],
    [
      'more labels than people read',
      { labels: Object.fromEntries(Array.from({ length: 65 }, (_, n) => [`l${n}`, ''])) },
    ],
    [
      'tools of endless versions',
      { toolchains: [{ tool: 'ghc' as const, version: `9.${'9'.repeat(80)}`, path: '/ghc' }] },
    ],
    ['tools without end', { toolchains: Array(257).fill({ tool: 'ghc', version: '9.6.6', path: '/ghc' }) }],
  ])('takes from a machine no %s', async (_, lie) => {
    await expect(rig.client().register(registration('m1', lie))).rejects.toMatchObject({ status: 400 });
    expect(await states()).toEqual([]);
  });

  it('lists nothing of another capability type', async () => {
    await rig.client().register(registration('m1'));
    expect(await rig.client().listMachines({ capabilityType: 'llm' })).toEqual([]);
  });

  it('calls a machine stale after one TTL of silence and gone after three', async () => {
    await rig.client().register(registration('m1'));
    rig.passSeconds(60);
    expect(await states()).toEqual([['m1', 'ready']]);
    rig.passSeconds(1);
    expect(await states()).toEqual([['m1', 'stale']]);
    rig.passSeconds(120);
    expect(await states()).toEqual([['m1', 'gone']]);
  });

  it('takes a silent machine back at its next heartbeat', async () => {
    const { id } = await rig.client().register(registration('m1'));
    rig.passSeconds(600);
    expect(await rig.client().heartbeat(id, heartbeat('m1', rig.clock))).toMatchObject({ state: 'ready' });
    expect(await states()).toEqual([['m1', 'ready']]);
  });

  it('does not hold its own downtime against a machine', async () => {
    await rig.client().register(registration('m1'));
    rig.passSeconds(3600);
    await rig.restart();
    expect(await states()).toEqual([['m1', 'ready']]);
    rig.passSeconds(61);
    expect(await states()).toEqual([['m1', 'stale']]);
  });

  it.each([
    [{ toolchains: ['ghc=9.6.6'] }, ['a', 'b']],
    [{ toolchains: ['ghc=9.6'] }, []],
    [{ toolchains: ['ghc=9.6.6', 'cabal=3.12.1.0'] }, ['b']],
    [{ toolchains: ['stack'] }, []],
    [{ labels: ['site=lab'] }, ['a']],
    [{ labels: ['site'] }, ['a', 'b']],
    [{ labels: ['constructor'] }, []],
    [{ states: ['ready' as const] }, ['b']],
    [{ states: ['stale' as const, 'ready' as const], labels: ['site=roof'] }, ['b']],
  ])('filters by %j', async (filter, names) => {
    await rig.client().register(registration('a'));
    rig.passSeconds(61);
    await rig.client().register(
      registration('b', {
        labels: { site: 'roof' },
        toolchains: [
          { tool: 'ghc', version: '9.6.6', path: '/usr/bin/ghc' },
          { tool: 'cabal', version: '3.12.1.0', path: '/usr/bin/cabal' },
        ],
      }),
    );
    expect((await rig.client().listMachines(filter)).map(({ name }) => name)).toEqual(names);
  });

  it('keeps the id of a machine that registers again', async () => {
    const first = await rig.client().register(registration('m1'));
    expect(await rig.client().register(registration('m1', { slots: 2 }))).toEqual(first);
    expect(await rig.client().listMachines()).toMatchObject([{ slots: 2 }]);
  });

  it.each([
    ['the same name', registration('m1', { machine_id: 'other' })],
    ['the same machine id (a copied image)', registration('m2', { machine_id: 'id-of-m1' })],
  ])('refuses a second live machine with %s, naming both', async (_case, second) => {
    await rig.client().register(registration('m1'));
    await expect(rig.client().register(second)).rejects.toMatchObject({
      status: 409,
      code: 'machine-session-conflict',
      details: { live: { name: 'm1', machine_id: 'id-of-m1' }, refused: { name: second.name } },
    });
    expect((await rig.client().machineHistory()).changes[0]).toMatchObject({ change: 'refused', machine: second.name });
  });

  it('lets a rebuilt machine take the place of one that is silent', async () => {
    const old = await rig.client().register(registration('m1'));
    rig.passSeconds(61);
    const fresh = await rig.client().register(registration('m1', { machine_id: 'rebuilt' }));
    expect(fresh.id).not.toBe(old.id);
    await expect(rig.client().heartbeat(old.id, heartbeat('m1', rig.clock))).rejects.toMatchObject({
      status: 404,
      code: 'capability-unknown',
    });
  });

  it('lets go of a machine id with the entry that it stood on, and not before', async () => {
    const { id } = await rig.client().register(registration('m1'));
    rig.passSeconds(3600);
    const renamed = registration('m2', { machine_id: 'id-of-m1' });
    await expect(rig.client().register(renamed)).rejects.toMatchObject({
      code: 'machine-id-taken',
      hint: expect.stringContaining('nx run m1:destroy'),
      details: { owner: { name: 'm1' }, refused: { name: 'm2' } },
    });
    expect((await rig.client().machineHistory()).changes[0]).toMatchObject({ change: 'refused', machine: 'm2' });
    await rig.client().deregister(id);
    await rig.client().register(renamed);
    expect(await states()).toEqual([['m2', 'ready']]);
  });

  it('takes a machine back under the id that it had before, once the one in between is silent', async () => {
    await rig.client().register(registration('m1'));
    rig.passSeconds(61);
    await rig.client().register(registration('m1', { machine_id: 'newer image' }));
    rig.passSeconds(61);
    await rig.client().register(registration('m1'));
    expect(await rig.client().listMachines()).toMatchObject([{ machine_id: 'id-of-m1', state: 'ready' }]);
  });

  it('measures how far a machine’s clock is off', async () => {
    const { id } = await rig.client().register(registration('m1'));
    const answer = await rig.client().heartbeat(id, heartbeat('m1', rig.clock - 600_000));
    expect(answer.clock_skew_ms).toBe(-600_000);
    expect(await rig.client().listMachines()).toMatchObject([{ clock_skew_ms: -600_000 }]);
    expect((await rig.client().machineHistory()).changes[0]).toMatchObject({ change: 'clock-skewed' });
  });

  it('takes over a changed set of tools from a heartbeat', async () => {
    const { id } = await rig.client().register(registration('m1'));
    const toolchains = [{ tool: 'ghc' as const, version: '9.8.4', path: '/opt/ghc' }];
    await rig.client().heartbeat(id, heartbeat('m1', rig.clock, { toolchains }));
    expect(await rig.client().listMachines({ toolchains: ['ghc=9.8.4'] })).toHaveLength(1);
    expect((await rig.client().machineHistory({ machine: 'm1' })).changes.map(({ change }) => change)).toEqual([
      'updated',
      'registered',
    ]);
  });

  it('drains a machine and keeps that across a restart and a new registration', async () => {
    await rig.client().register(registration('m1'));
    await rig.client().setMachineMode('m1', { mode: 'draining', note: 'new disk' });
    await rig.restart();
    await rig.client().register(registration('m1'));
    expect(await rig.client().listMachines()).toMatchObject([{ mode: 'draining', mode_note: 'new disk' }]);
  });

  it('forgets a machine that signs off', async () => {
    const { id } = await rig.client().register(registration('m1'));
    await rig.client().deregister(id);
    expect(await rig.client().listMachines()).toEqual([]);
  });

  it('says what is wrong with a malformed registration', async () => {
    await expect(rig.client().register(registration('m1', { slots: 1.5 }))).rejects.toMatchObject({
      status: 400,
      code: 'request-malformed',
      details: { issues: [{ path: ['slots'] }] },
    });
  });
});
