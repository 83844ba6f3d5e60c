import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TreeEntry } from '@build-machines/protocol';
import { vanishedDescriptions } from './vanished-descriptions.js';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bmv-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

const known = (...paths: string[]): TreeEntry[] =>
  paths.map((path) => ({ kind: 'file', path, size: 0, sha256: 'a'.repeat(64), mode: 0o644 }));

const vanished = (...paths: string[]): string[] =>
  vanishedDescriptions(root, { roots: ['app'], files: ['here/here.cabal'] }, known(...paths));

describe('descriptions that a machine holds and the workspace does not', () => {
  it('are those of packages and projects that were moved or removed, outside of the scope', () => {
    mkdirSync(join(root, 'left'));
    const gone = ['old/old.cabal', 'left/package.yaml', 'cabal.project.local', 'cabal.project.freeze', 'stack.yaml'];
    expect(vanished(...gone, 'old/src/A.hs', 'app/app.cabal', 'here/here.cabal')).toEqual(gone);
  });

  it('are not those that are there, nor what a link or a file is in the way of', () => {
    for (const file of ['stays/stays.cabal', 'file']) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), '');
    }
    symlinkSync('stays', join(root, 'link'));
    expect(vanished('stays/stays.cabal', 'file/a.cabal', 'link/b.cabal')).toEqual([]);
  });
});
