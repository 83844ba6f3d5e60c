import {
  hashedTraitsOf,
  MachineChangedSinceHashedError,
  requireHashedTraits,
  withTraitsNode,
} from './traits-of-hash.js';

const machine = { machine: 'box', traits: '["9.0.2",null,"a"]' };

describe('the traits of a hash', () => {
  it('are in its details, for the executor', () => {
    const hashDetails = withTraitsNode({ command: 'c', nodes: { 'app:ProjectConfiguration': '1' } }, [machine.traits]);
    expect(hashDetails.nodes).toHaveProperty(['app:ProjectConfiguration'], '1');
    expect(hashedTraitsOf({ hashDetails })).toEqual([machine.traits]);
    expect(hashedTraitsOf({})).toBeUndefined();
  });

  it.each([
    ['the same', [machine.traits]],
    ['one of several', ['["9.6.6",null,"b"]', machine.traits]],
    ['none that anybody finds again', ['9b2e3a52-0000-4000-8000-000000000000']],
    ['not of our hasher', undefined],
  ])('fit a run where they are %s', (_what, hashed) => {
    expect(() => {
      requireHashedTraits('app:build', hashed, machine);
    }).not.toThrow();
  });

  it('do not fit a run after another command wrote the lock anew', () => {
    expect(() => {
      requireHashedTraits('app:build', ['["9.0.2",null,"before"]'], machine);
    }).toThrow(MachineChangedSinceHashedError);
  });
});
