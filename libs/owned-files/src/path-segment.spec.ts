import fc from 'fast-check';
import { pathSegment } from './path-segment.js';

describe('the path segment of a name', () => {
  it.each(['app', 'my-app', 'a_b.c', 'remote-test--spec', 'A1'])('is an ordinary name itself: %s', (name) => {
    expect(pathSegment(name)).toBe(name);
  });

  it.each([
    ['', '%'],
    ['..', '%2e.'],
    ['.runs', '%2eruns'],
    ['@acme/app', '%40acme%2fapp'],
    ['../../../victim', '%2e.%2f..%2f..%2fvictim'],
    ['con*', 'con%2a'],
    ['a\0b\n', 'a%00b%0a'],
    ['50%', '50%25'],
    ['é', '%c3%a9'],
  ])('escapes %j', (name, segment) => {
    expect(pathSegment(name)).toBe(segment);
  });

  const name = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.string({ unit: fc.constantFrom('.', '/', '%', '2', 'e', 'f', '\ud800', '\udc00', 'u', '-'), maxLength: 200 }),
  );

  it('is one name of letters, digits and few signs that no program reads otherwise, of a length that fits', () => {
    fc.assert(
      fc.property(name, (any) => {
        expect(pathSegment(any)).toMatch(/^[A-Za-z0-9_%-][A-Za-z0-9_.%-]{0,119}$/);
      }),
    );
  });

  it('differs for different names', () => {
    fc.assert(
      fc.property(name, name, (one, other) => {
        expect(pathSegment(one) === pathSegment(other)).toBe(one === other);
      }),
      { numRuns: 1000 },
    );
    expect(pathSegment('x'.repeat(500))).not.toBe(pathSegment('x'.repeat(501)));
    expect(pathSegment(pathSegment('x'.repeat(500)))).not.toBe(pathSegment('x'.repeat(500)));
  });
});
