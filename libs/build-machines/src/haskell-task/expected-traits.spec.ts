import type { MachineLock } from '@build-machines/machines';
import { RemoteReportedError } from '@build-machines/protocol';
import { expectedTraits, MachineNotAsLockedError, MachineTraitsUnknownError, withTraits } from './expected-traits.js';

const lock: MachineLock = {
  ...{ version: 2, os: 'Debian', arch: 'x64', toolchains: [] },
  traits: { system: { 'package zlib1g-dev': '1' }, ghc: { '9.0.2': { settings: 'a' } }, cabal: {} },
};

describe('what a run expects of its machine', () => {
  it('is what the lock says of the tools that it uses', () => {
    expect(expectedTraits('box', lock, { ghc: '9.0.2' })).toEqual({
      'package zlib1g-dev': '1',
      'GHC 9.0.2: settings': 'a',
    });
    expect(expectedTraits('box', lock, { ghc: '9.6.6' })).toEqual({ 'package zlib1g-dev': '1' });
  });

  it('is not known without a lock, or with one of an earlier release', () => {
    expect(() => expectedTraits('box', null, {})).toThrow(MachineTraitsUnknownError);
    expect(() => expectedTraits('box', { ...lock, traits: undefined }, {})).toThrow(MachineTraitsUnknownError);
  });

  it('names what differs where the machine refuses, and the command that mends it', async () => {
    const body = {
      code: 'machine-changed',
      message: 'x',
      hint: 'y',
      details: { traits: { 'package libfoo-dev': '1.2' } },
    };
    const refused = withTraits('box', { 'package zlib1g-dev': '1' }, () =>
      Promise.reject(new RemoteReportedError(body)),
    );
    await expect(refused).rejects.toBeInstanceOf(MachineNotAsLockedError);
    await expect(refused).rejects.toMatchObject({
      message:
        'box is not as its machine.lock says: package libfoo-dev 1.2 is new; package zlib1g-dev 1 is gone. Nothing was run.',
      hint: expect.stringContaining('nx run box:up') as string,
    });
  });
});
