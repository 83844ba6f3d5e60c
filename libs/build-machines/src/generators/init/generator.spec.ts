import { readJson, readNxJson, updateNxJson, type Tree } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { parseMachine } from '@build-machines/machines';
import { readRegistry } from '../machine-files/tree-registry.js';
import { version } from '../../../package.json';
import initGenerator from './generator.js';
import { withIgnoredFolders } from './gitignore.js';

const contents = (tree: Tree) =>
  Object.fromEntries(
    ['nx.json', 'package.json', '.gitignore', 'port-registry.yml', 'machines/sandbox/machine.yml'].map((file) => [
      file,
      tree.read(file, 'utf8'),
    ]),
  );

describe('nx g build-machines:init', () => {
  let tree: Tree;

  beforeEach(() => {
    tree = createTreeWithEmptyWorkspace();
  });

  it('makes a workspace in which a machine can come up at once', async () => {
    await initGenerator(tree, { skipFormat: true });
    expect(readNxJson(tree)).toMatchObject({
      plugins: ['build-machines'],
      sync: { globalGenerators: ['build-machines:sync'] },
      namedInputs: { haskell: ['default'] },
    });
    expect(readJson(tree, 'package.json')).toMatchObject({ devDependencies: { 'build-machines': version } });
    const text = tree.read('machines/sandbox/machine.yml', 'utf8') ?? '';
    expect(parseMachine('machines/sandbox/machine.yml', text).value.provider).toBe('sandbox');
    expect(readRegistry(tree).machines).toEqual({ sandbox: 12221 });
    expect(tree.read('.gitignore', 'utf8')).toMatch(/^\.build-machines\ndist\/remote\ndist-newstyle$/m);
  });

  it('changes nothing when it runs again', async () => {
    await initGenerator(tree, { skipFormat: true });
    const first = contents(tree);
    await initGenerator(tree, { skipFormat: true });
    expect(contents(tree)).toEqual(first);
  });

  it('keeps what the workspace has: plugin options, other plugins, sync settings, named inputs, ports, the sandbox', async () => {
    updateNxJson(tree, {
      plugins: ['@nx/js', { plugin: 'build-machines', options: { machine: 'big' } }],
      sync: { applyChanges: true, globalGenerators: ['other:sync'] },
      namedInputs: { haskell: ['{projectRoot}/src/**/*'], production: ['default'] },
    });
    tree.write(
      'port-registry.yml',
      'range: { first: 30000, last: 30001 }\nservices: { relay: 1, hub: 2 }\nmachines:\n  big: 30000\n',
    );
    tree.write('machines/sandbox/machine.yml', 'name: sandbox\nprovider: sandbox\nslots: 7\n');
    await initGenerator(tree, { skipFormat: true });
    expect(readNxJson(tree)).toEqual({
      plugins: ['@nx/js', { plugin: 'build-machines', options: { machine: 'big' } }],
      sync: { applyChanges: true, globalGenerators: ['other:sync', 'build-machines:sync'] },
      namedInputs: { haskell: ['{projectRoot}/src/**/*'], production: ['default'] },
    });
    expect(tree.read('machines/sandbox/machine.yml', 'utf8')).toContain('slots: 7');
    expect(readRegistry(tree).machines).toEqual({ big: 30000, sandbox: 30001 });
  });

  it('leaves out the sandbox and package.json when told to', async () => {
    await initGenerator(tree, { sandbox: false, skipPackageJson: true, skipFormat: true });
    expect(tree.exists('machines')).toBe(false);
    expect(readRegistry(tree).machines).toEqual({});
    expect(readJson(tree, 'package.json')).not.toHaveProperty(['devDependencies', 'build-machines']);
  });

  it('works in a workspace without package.json, whose plugins stand in nx.json', async () => {
    tree.delete('package.json');
    updateNxJson(tree, { installation: { version: '23.2.1' } });
    await initGenerator(tree, { skipFormat: true });
    expect(tree.exists('package.json')).toBe(false);
    expect(readNxJson(tree)).toMatchObject({
      plugins: ['build-machines'],
      installation: { version: '23.2.1', plugins: { 'build-machines': version } },
    });
    updateNxJson(tree, {
      ...readNxJson(tree),
      installation: { version: '23.2.1', plugins: { 'build-machines': '0.0.1' } },
    });
    await initGenerator(tree, { skipFormat: true });
    expect(readNxJson(tree)?.installation?.plugins).toEqual({ 'build-machines': '0.0.1' });
  });

  it('keeps the version in package.json when told to', async () => {
    tree.write('package.json', JSON.stringify({ devDependencies: { 'build-machines': '0.0.1' } }));
    await initGenerator(tree, { keepExistingVersions: true, skipFormat: true });
    expect(readJson(tree, 'package.json')).toMatchObject({ devDependencies: { 'build-machines': '0.0.1' } });
  });
});

describe('.gitignore', () => {
  it.each(['dist\n', '/dist/\n', 'dist/remote'])('has dist/remote covered by %j', (present) => {
    expect(withIgnoredFolders(present)).not.toMatch(/\ndist\/remote\n/);
  });

  it('gets what is missing at its end, behind a blank line', () => {
    expect(withIgnoredFolders('node_modules')).toMatch(/^node_modules\n\n# build-machines: .*\n\.build-machines\n/);
  });
});
