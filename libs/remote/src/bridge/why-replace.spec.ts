import { whyReplace } from './why-replace.js';

const ports = { relay: 12220, relayAddress: '127.0.0.1', hub: 8000 };
const running = { release: '0.2.0', bundle: '/a/bridge.cjs', version: 'one', ports };

describe('a running bridge gives way', () => {
  it.each([
    ['the same', {}, undefined],
    ['another workspace with another build of this release', { bundle: '/b/bridge.cjs', version: 'two' }, undefined],
    ['an older release', { release: '0.1.0', version: 'two' }, undefined],
    ['a newer release', { release: '0.3.0', bundle: '/b/bridge.cjs', version: 'two' }, 'release'],
    ['a rebuild in the same place', { version: 'two' }, 'rebuilt'],
    ['a machine on another host', { ports: { ...ports, relayAddress: '0.0.0.0' } }, 'reach'],
  ])('to %s', (_, wanted, expected) => {
    expect(whyReplace(running, { ...running, ...wanted })).toBe(expected);
  });

  it('to nobody because its relay listens for more than is needed', () => {
    const wider = { ...running, ports: { ...ports, relayAddress: '0.0.0.0' } };
    expect(whyReplace(wider, running)).toBeUndefined();
  });
});
