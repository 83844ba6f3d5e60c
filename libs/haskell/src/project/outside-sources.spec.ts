import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { diskFiles } from '../files/source-files.js';
import { outsideScope, outsideSources } from './outside-sources.js';
import { readPackage } from './read-package.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'hs-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function write(path: string, text = ''): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function sourcesOf(fields: string, scope: 'all' | 'production' = 'all') {
  write('packages/a/a.cabal', `cabal-version: 2.4\nname: a\nversion: 1\n${fields}`);
  return outsideSources(readPackage(join(root, 'packages/a/a.cabal'), diskFiles()), root, scope);
}

describe('what a package reads outside of its folder', () => {
  it.each([
    ['a source folder', 'library\n  hs-source-dirs: src ../common\n', [['folder', 'packages/common']]],
    ['a folder of headers', 'library\n  include-dirs: include ../../c/include\n', [['folder', 'c/include']]],
    ['a C source', 'library\n  c-sources: ../../c/x.c\n', [['file', 'c/x.c']]],
    ['a license', 'license-file: ../../LICENSE\n', [['file', 'LICENSE']]],
    ['the folder of a glob', 'extra-source-files: ../../data/*.txt\n', [['folder', 'data']]],
    ['a glob beside its neighbours', 'extra-source-files: ../*.md\n', [['pattern', 'packages/*.md']]],
    ['what main-is climbs to', 'executable x\n  main-is: ../../tools/Main.hs\n', [['file', 'tools/Main.hs']]],
  ])('is %s that is declared', (_what, fields, expected) => {
    expect(sourcesOf(fields).map(({ kind, path }) => [kind, path])).toEqual(expected);
  });

  it('is what tests need only for tests', () => {
    const suite = 'test-suite t\n  hs-source-dirs: ../testing\n  main-is: T.hs\n';
    expect(sourcesOf(suite, 'production')).toEqual([]);
    expect(sourcesOf(suite)).toEqual([{ kind: 'folder', path: 'packages/testing' }]);
  });

  it('is what symbolic links lead to, link by link', () => {
    write('shared/Real.hs');
    write('packages/a/src/Own.hs');
    symlinkSync('Real.hs', join(root, 'shared/Alias.hs'));
    symlinkSync('../../../shared/Alias.hs', join(root, 'packages/a/src/Linked.hs'));
    symlinkSync('Own.hs', join(root, 'packages/a/src/Inside.hs'));
    symlinkSync('../../shared', join(root, 'packages/a/all'));
    expect(sourcesOf('').map(({ kind, path }) => [kind, path])).toEqual([
      ['folder', 'shared'],
      ['file', 'shared/Alias.hs'],
      ['file', 'shared/Real.hs'],
    ]);
  });

  it('is nothing outside of the workspace', () => {
    expect(sourcesOf('license-file: ../../../LICENSE\nextra-source-files: /etc/hosts\n')).toEqual([]);
  });

  it('is sent as folders and files, patterns as what they match', () => {
    write('packages/NOTES.md');
    const sources = sourcesOf('license-file: ../../LICENSE\nextra-source-files: ../*.md ../../data/*.txt\n');
    expect(outsideScope(sources, root, diskFiles())).toEqual({
      roots: ['data'],
      files: ['LICENSE', 'packages/NOTES.md'],
    });
  });
});
