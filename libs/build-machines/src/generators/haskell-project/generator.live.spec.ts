import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Tree } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { flushChanges } from 'nx/src/generators/tree';
import haskellProjectGenerator from './generator.js';
import type { HaskellProjectGeneratorSchema } from './schema.js';

describe('nx g build-machines:haskell-project', () => {
  let tree: Tree;

  const create = (options: HaskellProjectGeneratorSchema) =>
    haskellProjectGenerator(tree, { skipFormat: true, ...options });

  beforeEach(() => {
    tree = createTreeWithEmptyWorkspace();
  });

  it('makes packages that a real cabal builds and tests without a network', async () => {
    await create({ name: 'libs/my-lib', module: 'Data.MyLib' });
    await create({ name: 'apps/my-app2', kind: 'application' });
    const root = await mkdtemp(join(tmpdir(), 'hs-'));
    try {
      flushChanges(root, tree.listChanges());
      // A configuration without repositories: cabal would go and fetch Hackage's index before its first command.
      await mkdir(join(root, '.cabal'));
      await writeFile(join(root, '.cabal', 'config'), '');
      const env = { ...process.env, CABAL_DIR: join(root, '.cabal') };
      const cabal = (...args: string[]) => promisify(execFile)('cabal', args, { cwd: root, env });
      await cabal('test', 'all', '--offline', '-v1');
      const { stdout } = await cabal('run', '-v0', '--offline', 'my-app2:exe:my-app2');
      expect(stdout).toBe('Hello, my-app2!\n');
    } finally {
      await rm(root, { recursive: true });
    }
  }, 180_000);

  it.each([
    ['hspec', 'my-lib, hspec', 'Test.Hspec'],
    ['tasty', 'my-lib, tasty, tasty-hunit', 'Test.Tasty.HUnit'],
  ] as const)('has a suite with %s', async (test, depends, imported) => {
    await create({ name: 'my-lib', test });
    expect(tree.read('my-lib/my-lib.cabal', 'utf8')).toMatch(new RegExp(`build-depends: +${depends}\n$`));
    expect(tree.read('my-lib/test/Main.hs', 'utf8')).toContain(`import ${imported}`);
  });

  it('has no suite when told so', async () => {
    await create({ name: 'my-lib', test: 'none' });
    expect(tree.read('my-lib/my-lib.cabal', 'utf8')).not.toContain('test-suite');
    expect(tree.exists('my-lib/test')).toBe(false);
  });

  it('adds the package to the nearest cabal.project above it', async () => {
    tree.write('cabal.project', 'packages:\n  a\n');
    tree.write('haskell/cabal.project', '-- ours\npackages:\n  b\n');
    await create({ name: 'haskell/libs/c' });
    expect(tree.read('cabal.project', 'utf8')).toBe('packages:\n  a\n');
    expect(tree.read('haskell/cabal.project', 'utf8')).toMatch(/^-- ours\npackages:\n {2}b\n {2}libs\/c\n$/);
  });

  it('keeps the package at the root in the project when it makes a cabal.project', async () => {
    tree.write('root.cabal', '');
    await create({ name: 'libs/c' });
    expect(tree.read('cabal.project', 'utf8')).toBe('packages:\n  ./*.cabal\n  libs/c\n');
  });

  it.each(['2-fast', 'has_underscore', 'a--b', 'ä'])('refuses the name %s, as cabal would', async (name) => {
    await expect(create({ name })).rejects.toThrow(/cannot be the name of a cabal package/);
    expect(tree.exists('cabal.project')).toBe(false);
  });

  it('refuses a folder that holds a package', async () => {
    await create({ name: 'my-lib' });
    await expect(create({ name: 'other', directory: 'my-lib' })).rejects.toThrow(
      /my-lib holds a cabal package already: my-lib\.cabal/,
    );
  });

  it('refuses the name of another package, with which Nx could not read the workspace any more', async () => {
    await create({ name: 'libs/my-lib' });
    await expect(create({ name: 'apps/my-lib' })).rejects.toThrow(/exists already: libs\/my-lib\/my-lib\.cabal/);
    expect(tree.exists('apps/my-lib')).toBe(false);
  });

  it('refuses a folder outside of the cabal.project that was named', async () => {
    await expect(create({ name: 'libs/c', cabalProject: 'haskell/cabal.project' })).rejects.toThrow(
      /libs\/c is not below the folder of haskell\/cabal\.project/,
    );
  });
});
