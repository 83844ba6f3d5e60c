import type { CatalogMappingInput } from '@build-machines/protocol';
import { CatalogClient } from '../external/external-hub.js';
import { registration } from './hub-rig.js';

/** A hub under test: where it is, and a token that may register machines. */
export interface HubUnderTest {
  readonly url: string;
  readonly token: string;
  /** How it lays out its catalog, where that differs from what is assumed. */
  readonly mapping?: CatalogMappingInput;
  close(): Promise<void>;
}

/**
 * The least that a State Hub must do for build-machines to work with it: list by capability type and take
 * registrations. Every hub that `hubUrl` may point at must pass it.
 */
export function catalogContract(start: () => Promise<HubUnderTest>): void {
  let hub: HubUnderTest;
  let catalog: CatalogClient;
  beforeEach(async () => {
    hub = await start();
    catalog = new CatalogClient(hub);
  });
  afterEach(() => hub.close());

  it('lists nothing before anything has registered', async () => {
    expect(await catalog.list()).toEqual([]);
  });

  it('shows what registered: its name, its tunnel port, its tools, its labels, its slots', async () => {
    await catalog.register(registration('m1', { tunnel_port: 12225, slots: 2 }));
    expect(await catalog.list()).toMatchObject([
      {
        name: 'm1',
        tunnelPort: 12225,
        slots: 2,
        labels: { site: 'lab' },
        toolchains: [
          { tool: 'ghc', version: '9.6.6' },
          { tool: 'cabal', version: '3.10.3.0' },
        ],
      },
    ]);
  });

  it('replaces the entry of a machine that registers again, as after each boot', async () => {
    await catalog.register(registration('m1', { slots: 1 }));
    await catalog.register(registration('m1', { slots: 3 }));
    expect(await catalog.list()).toMatchObject([{ name: 'm1', slots: 3 }]);
  });

  it('keeps several machines apart', async () => {
    await catalog.register(registration('m1', { tunnel_port: 12221 }));
    await catalog.register(registration('m2', { tunnel_port: 12222 }));
    const ports = (await catalog.list()).map(({ name, tunnelPort }) => [name, tunnelPort]);
    expect(ports.sort()).toEqual([
      ['m1', 12221],
      ['m2', 12222],
    ]);
  });
}
