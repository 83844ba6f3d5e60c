import { sketchPackage } from './sketch-package.js';

const told = (text: string, isYaml = false) => {
  const { name, components } = sketchPackage(text, 'folder', isYaml);
  return [name, components.map((component) => `${component.kind} ${component.name}`)];
};

describe('what can be told of a broken package', () => {
  it('is its name and components', () => {
    expect(
      told(
        'Name: my-pkg\r\nlibrary\r\n  build-depends: ->\nLibrary inner\ntest-suite spec {\nexecutable  x\nlibrary\n',
      ),
    ).toEqual(['my-pkg', ['library my-pkg', 'library inner', 'test-suite spec', 'executable x']]);
  });

  it('is the same of a package.yaml', () => {
    const yaml =
      'name: "my-pkg"\nlibrary:\n  when: [\nexecutables:\n  x:\n    main: M.hs\n  y: {}\n\ntests:\n    spec: *nope\nexecutable: {}\nother:\n  z: 1\n';
    expect(told(yaml, true)).toEqual([
      'my-pkg',
      ['library my-pkg', 'executable x', 'executable y', 'test-suite spec', 'executable my-pkg'],
    ]);
  });

  it('is the name of its folder where it has none, or none that can be', () => {
    expect(told('name: ->\n')).toEqual(['folder', []]);
  });
});
