import { isTreePath, symlinkStaysInside, treeDigest, type TreeEntry } from './tree.js';

const file = (path: string, sha = 'a'): TreeEntry => ({
  kind: 'file',
  path,
  size: 1,
  sha256: sha.repeat(64),
  mode: 0o644,
});

describe('a tree path', () => {
  it.each(['a', 'a/b', 'ünï/c ode', 'new\nline', '...', '.hidden', 'a..b'])('may be %j', (path) => {
    expect(isTreePath(path)).toBe(true);
  });
  it.each(['', '/a', 'a/', 'a//b', '.', '..', 'a/../b', './a', 'nul\0'])('may not be %j', (path) => {
    expect(isTreePath(path)).toBe(false);
  });
});

describe('the digest of a tree', () => {
  it('does not depend on the order of entries', () => {
    expect(treeDigest([file('a'), file('b')])).toBe(treeDigest([file('b'), file('a')]));
  });
  it('differs by path, content, mode and kind', () => {
    const variants: TreeEntry[] = [
      file('a'),
      file('b'),
      file('a', 'b'),
      { ...file('a'), mode: 0o755 } as TreeEntry,
      { kind: 'symlink', path: 'a', target: 'b' },
    ];
    expect(new Set(variants.map((entry) => treeDigest([entry]))).size).toBe(variants.length);
  });
  it('cannot be imitated by a name that holds a line break', () => {
    expect(treeDigest([file('a\nb')])).not.toBe(treeDigest([file('a'), file('b')]));
  });
});

describe('a symbolic link', () => {
  it.each([
    ['a/link', '../b', true],
    ['a/link', 'link', true],
    ['link', '.', true],
    ['a/b/link', '../../c', true],
    ['link', '..', false],
    ['a/link', '../../etc/passwd', false],
    ['a/link', '../b/../../x', false],
    ['link', '/etc/passwd', false],
  ])('%s → %s stays inside: %s', (path, target, expected) => {
    expect(symlinkStaysInside(path, target)).toBe(expected);
  });
});
