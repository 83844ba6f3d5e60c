import { type NamedPackage, projectNames } from './package-names.js';

const pkg = (root: string, packageName: string, more: Partial<NamedPackage> = {}): NamedPackage => ({
  root,
  packageName,
  givenName: undefined,
  projectRoot: root,
  ...more,
});
const namesOf = (packages: NamedPackage[], reserved: string[] = []) =>
  Object.fromEntries(projectNames(packages, new Set(reserved)));

describe('the names of projects', () => {
  it('are those of the packages', () => {
    expect(namesOf([pkg('libs/a', 'a'), pkg('b', 'bee')])).toEqual({ 'libs/a': 'a', b: 'bee' });
  });

  it('are told apart by the folder, and the outermost project keeps the name', () => {
    expect(
      namesOf([
        pkg('aside/util', 'util', { projectRoot: 'aside' }),
        pkg('deep/libs/util', 'util', { projectRoot: '.' }),
        pkg('two/util', 'util', { projectRoot: 'two' }),
      ]),
    ).toEqual({ 'deep/libs/util': 'util', 'aside/util': 'aside/util', 'two/util': 'two/util' });
  });

  it('leave the contest to those without a name of their own', () => {
    expect(namesOf([pkg('one', 'util', { givenName: 'util-of-one' }), pkg('two', 'util')])).toEqual({
      one: 'util',
      two: 'util',
    });
  });

  it('are none that another project is given, or that a machine has', () => {
    expect(namesOf([pkg('x', 'other', { givenName: 'util' }), pkg('two', 'util'), pkg('.', 'box')], ['box'])).toEqual({
      x: 'other',
      two: 'two',
      '.': 'box-root',
    });
  });

  it('do not depend on the order in which files are found', () => {
    const packages = [pkg('b/util', 'util'), pkg('a/util', 'util')];
    expect(namesOf(packages)).toEqual(namesOf([...packages].reverse()));
  });
});
