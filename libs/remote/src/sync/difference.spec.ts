import type { TreeEntry } from '@build-machines/protocol';
import { contentsOf, difference, digestsOf } from './difference.js';

const file = (path: string, content: string, mode = 0o644): TreeEntry => ({
  kind: 'file',
  path,
  size: 1,
  sha256: content.repeat(64).slice(0, 64),
  mode,
});
const link = (path: string, target: string): TreeEntry => ({ kind: 'symlink', path, target });

describe('the difference between two trees', () => {
  it.each([
    ['nothing', [file('a', '1')], [file('a', '1')], [], []],
    ['a new content', [file('a', '1')], [file('a', '2')], ['a'], []],
    ['a new mode', [file('a', '1')], [file('a', '1', 0o755)], ['a'], []],
    ['a new link target', [link('a', 'x')], [link('a', 'y')], ['a'], []],
    ['a removal', [file('a', '1'), file('b', '1')], [file('a', '1')], [], ['b']],
    ['a file that became a folder', [file('a', '1')], [file('a/b', '1')], ['a/b'], ['a']],
    ['a folder that became a file', [file('a/b', '1')], [file('a', '1')], ['a'], ['a/b']],
    ['a link that became a file', [link('a', 'x')], [file('a', '1')], ['a'], []],
  ])('finds %s', (_, base, target, changed, removed) => {
    const found = difference(base, target);
    expect([found.entries.map(({ path }) => path), found.removed]).toEqual([changed, removed]);
  });

  it('names one file for each content that is not known', () => {
    const entries = [file('a', '1'), file('b', '1'), file('c', '2')];
    expect(contentsOf(entries, digestsOf([file('elsewhere', '2')])).map(({ path }) => path)).toEqual(['a']);
  });
});
