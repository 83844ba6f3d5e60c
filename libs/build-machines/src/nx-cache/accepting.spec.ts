import { AcceptKeptError, isAccepting, requireUnkept } from './accepting.js';

it.each([
  [undefined, false],
  [false, false],
  [true, true],
  ['test/*.golden', true],
])('of accept %j, asks for files: %s', (accept, expected) => {
  expect(isAccepting(accept)).toBe(expected);
});

it('refuses files only for a task whose result is kept', () => {
  const task = (accept: boolean | undefined, isKept: boolean) => () => {
    requireUnkept({ taskId: 'a:remote-test', options: { accept }, isKept });
  };
  expect(task(true, true)).toThrow(AcceptKeptError);
  expect(task(true, false)).not.toThrow();
  expect(task(undefined, true)).not.toThrow();
});
