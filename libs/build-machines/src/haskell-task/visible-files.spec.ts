import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { visibleFiles } from './visible-files.js';

describe('the files of a workspace that a machine will see', () => {
  let base: string;
  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'visible-'));
    mkdirSync(join(base, 'w/p'), { recursive: true });
    for (const path of ['w/p/p.cabal', 'w/p/package.yaml', 'outside.cabal']) writeFileSync(join(base, path), path);
  });
  afterEach(() => {
    rmSync(base, { recursive: true });
  });

  it('are those that Nx knows: a *.cabal that git ignores is not there', () => {
    const files = visibleFiles(join(base, 'w'), new Set(['p/package.yaml']));
    expect(files.read(join(base, 'w/p/p.cabal'))).toBeNull();
    expect(files.read(join(base, 'w/p/package.yaml'))).toBe('w/p/package.yaml');
    expect(files.list(join(base, 'w/p')).map(({ name }) => name)).toEqual(['package.yaml']);
    expect(files.list(join(base, 'w')).map(({ name }) => name)).toEqual(['p']);
  });

  it('are also behind links to such, which Nx does not list', () => {
    symlinkSync('p', join(base, 'w/alias'));
    symlinkSync('p/package.yaml', join(base, 'w/linked.yaml'));
    const files = visibleFiles(join(base, 'w'), new Set(['p/package.yaml']));
    expect(files.read(join(base, 'w/alias/package.yaml'))).toBe('w/p/package.yaml');
    expect(files.read(join(base, 'w/linked.yaml'))).toBe('w/p/package.yaml');
    expect(files.read(join(base, 'w/alias/p.cabal'))).toBeNull();
  });

  it('are as they are on disk outside of the workspace', () => {
    expect(visibleFiles(join(base, 'w'), new Set()).read(join(base, 'outside.cabal'))).toBe('outside.cabal');
  });
});
