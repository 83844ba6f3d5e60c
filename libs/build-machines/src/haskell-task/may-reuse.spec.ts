import { mayReuse } from './may-reuse.js';

describe('the record of an identical run', () => {
  it('answers a task whose command was killed', () => {
    expect(mayReuse('test', {})).toBe(true);
    expect(mayReuse('build', { NX_SKIP_NX_CACHE: 'false' })).toBe(true);
  });

  it.each(['NX_SKIP_NX_CACHE', 'NX_DISABLE_NX_CACHE'])(
    'does not answer where %s says that the command shall run',
    (name) => {
      expect(mayReuse('test', { [name]: 'true' })).toBe(false);
    },
  );

  it('never answers a benchmark', () => {
    expect(mayReuse('bench', {})).toBe(false);
  });
});
