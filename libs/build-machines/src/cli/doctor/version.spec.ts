import { isAtLeast, versionIn } from './version.js';

describe('a version', () => {
  it.each([
    ['v20.20.2', '20.20.2'],
    ['7.2.22_Debianr175245', '7.2.22'],
    ['QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7)', '7.2.22'],
    ['git version 2.39.5', '2.39.5'],
    ['nothing here', undefined],
  ])('is found in %j', (output, version) => {
    expect(versionIn(output)).toBe(version);
  });

  it.each([
    ['1.10.0', '1.10', true],
    ['1.9.9', '1.10', false],
    ['2.0', '1.10', true],
    ['20.19', '20.19', true],
    ['20.2.0', '20.19', false],
  ])('%s is at least %s: %s', (version, least, expected) => {
    expect(isAtLeast(version, least)).toBe(expected);
  });
});
