import { MachineDefinition } from '@build-machines/protocol';
import { toolchainRequest } from './toolchain-request.js';

const machine = (toolchains: object): { definition: MachineDefinition } => ({
  definition: MachineDefinition.parse({ name: 'box', provider: 'sandbox', toolchains }),
});
const lock = {
  toolchains: [
    { tool: 'ghc', version: '9.0.2' },
    { tool: 'cabal', version: '3.4.1.0' },
  ],
};

describe('the toolchain that is asked for', () => {
  it('is what machine.lock holds when nobody says more', () => {
    expect(toolchainRequest({}, machine({}), lock)).toEqual({ ghc: '9.0.2', cabal: '3.4.1.0' });
  });

  it('is what machine.yml names first, before the lock', () => {
    const named = machine({ ghc: ['9.8.4', '9.6.6'], cabal: '3.10.3.0' });
    expect(toolchainRequest({}, named, lock)).toEqual({ ghc: '9.8.4', cabal: '3.10.3.0' });
  });

  it("is the task's own wish before all", () => {
    const named = machine({ ghc: ['9.8.4'] });
    expect(toolchainRequest({ ghc: '9.6.6' }, named, lock)).toEqual({ ghc: '9.6.6', cabal: '3.4.1.0' });
  });

  it('is left to the machine before its first lock', () => {
    expect(toolchainRequest({}, machine({}), null)).toEqual({ ghc: undefined, cabal: undefined });
  });
});
