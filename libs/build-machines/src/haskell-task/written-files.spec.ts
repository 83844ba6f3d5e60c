import type { WrittenFile } from '@build-machines/protocol';
import { writtenLine } from './written-files.js';

const file = (path: string, change: WrittenFile['change'] = 'created'): WrittenFile => ({
  path,
  change,
  size: 1,
  sha256: null,
  mode: 0o644,
});

it('names the first files that a run wrote, counts the others, and says how to get them', () => {
  const files = [file('a/x'), file('a/y', 'changed'), file('a/z', 'deleted'), file('a/zz')];
  expect(writtenLine('a:remote-test', files, 20)).toBe(
    'Written beside the sources, and not seen by the next run: a/x, a/y (changed), a/z (deleted), 21 more. To keep it here: nx run a:remote-test --accept',
  );
  expect(writtenLine('a:remote-test', [file('a/x')], 0)).toContain('run: a/x. To keep');
});
