import type { MachineLock } from '@build-machines/machines';
import { MachineDefinition } from '@build-machines/protocol';
import { type Candidate, poolNames, poolOf } from './machine-pool.js';

function candidate(name: string, ghc: string | null, changes: object = {}, lock: Partial<MachineLock> = {}): Candidate {
  return {
    machine: {
      definition: MachineDefinition.parse({ name, provider: 'sandbox', ...changes }),
      file: `machines/${name}/machine.yml`,
      folder: `machines/${name}`,
      port: 12221,
      services: { relay: 12220, hub: 8000 },
    },
    lock:
      ghc === null
        ? null
        : {
            ...{ version: 2, os: 'Debian 12', arch: 'x64', toolchains: [{ tool: 'ghc', version: ghc }] },
            traits: { system: { architecture: 'x64' }, ghc: {}, cabal: {} },
            ...lock,
          },
  };
}

const namesOf = (candidates: Candidate[], options = {}): string[] => poolNames(poolOf(options, candidates, false));
const refusal = (candidates: Candidate[], options = {}): string => {
  try {
    poolOf(options, candidates, false);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('they are a pool');
};

describe('a pool of machines', () => {
  it('is all that give the same result, and asks for their common toolchain', () => {
    const alike = [candidate('m-a', '9.6.6'), candidate('m-b', '9.6.6', { slots: 4, labels: { site: 'lab' } })];
    expect(namesOf(alike)).toEqual(['m-a', 'm-b']);
    expect(poolOf({}, alike, false).toolchain).toEqual({ ghc: '9.6.6', cabal: undefined });
  });

  it('is refused when a result would depend on which machine is taken, whatever differs', () => {
    const one = candidate('m-a', '9.6.6');
    expect(refusal([one, candidate('m-b', '9.0.2')])).toContain(
      'm-a and m-b would not give the same result: GHC 9.6.6 and 9.0.2',
    );
    expect(refusal([one, candidate('m-b', '9.6.6', { toolchains: { ghc: ['9.8.4'] } })])).toContain(
      'GHC 9.6.6 and 9.8.4',
    );
    expect(refusal([one, candidate('m-b', '9.6.6', { toolchains: { cabal: '3.10.3.0' } })])).toContain('cabal any and');
    const traits = { system: { architecture: 'arm64', 'package zlib1g-dev': '1' }, ghc: {}, cabal: {} };
    expect(refusal([one, candidate('m-b', '9.6.6', {}, { traits })])).toContain(
      'architecture x64 and arm64; package zlib1g-dev none and 1.',
    );
    expect(refusal([one, candidate('m-b', '9.6.6', {}, { traits: undefined })])).toContain('traits none and unknown');
    expect(refusal([one, candidate('m-b', '9.6.6', { hub: { url: 'http://hub:8000' } })])).toContain(
      'hub embedded and http',
    );
    const hub = { url: 'http://hub:8000' };
    const described = { ...hub, catalog: { listPath: '/agents' } };
    expect(refusal([candidate('m-a', '9.6.6', { hub }), candidate('m-b', '9.6.6', { hub: described })])).toContain(
      'catalog {"listPath":"/agents"',
    );
  });

  it('may have come from different images, and have other compilers that the task does not use', () => {
    const image = { sha256: 'f'.repeat(64) };
    const traits = { system: { architecture: 'x64' }, ghc: { '9.0.2': { settings: 'a' } }, cabal: {} };
    expect(namesOf([candidate('m-a', '9.6.6'), candidate('m-b', '9.6.6', {}, { image, traits })])).toHaveLength(2);
  });

  it('is one again when the task says what it wants', () => {
    expect(namesOf([candidate('m-a', '9.6.6'), candidate('m-b', '9.0.2')], { ghc: '9.6.6' })).toEqual(['m-a', 'm-b']);
  });

  it('leaves out a machine that was never up, unless none was', () => {
    expect(namesOf([candidate('m-a', null), candidate('m-b', '9.0.2')])).toEqual(['m-b']);
    expect(namesOf([candidate('m-a', null), candidate('m-b', null)])).toEqual(['m-a', 'm-b']);
  });
});
