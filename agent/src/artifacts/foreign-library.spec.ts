import { foreignLibraryVersions } from './foreign-library.js';

const description = `name: p
foreign-library first
  type: native-shared
  lib-version-info: 6:3:2
Foreign-Library "second" {
  if os(linux) {
    Lib-Version-Linux : 1.2.3
  }
  lib-version-info: 1:0:0
}
foreign-library third
  -- lib-version-info: 9:9:9
  type: native-shared
`;

describe('the versions of a foreign library', () => {
  it.each([
    ['first', ['4.2.3']],
    ['second', ['1.0.0', '1.2.3']],
    ['third', []],
    ['fourth', []],
  ])('are those of its section: %s', (name, versions) => {
    expect(foreignLibraryVersions(description, name)).toEqual(versions);
  });
});
