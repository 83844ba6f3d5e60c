import { compareReleases } from './compare-releases.js';

describe('releases', () => {
  it.each([
    ['0.9.0', '0.10.0'],
    ['1.0.0-beta.2', '1.0.0-beta.10'],
    ['1.0.0-rc.1', '1.0.0'],
    ['1.0.0', '1.0.1-next.0'],
  ])('%s comes before %s', (older, newer) => {
    expect(compareReleases(older, newer)).toBeLessThan(0);
    expect(compareReleases(newer, older)).toBeGreaterThan(0);
    expect(compareReleases(older, `${older}+build`)).toBe(0);
  });
});
