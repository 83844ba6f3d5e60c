import { mayAsk } from './interactive.js';

describe('generators ask', () => {
  it('a person at a terminal', () => {
    expect(mayAsk({ NX_INTERACTIVE: 'true' }, { isTTY: true })).toBe(true);
  });

  it.each([
    ['--no-interactive was given', { NX_INTERACTIVE: 'false' }, true],
    ['this is a CI job', { CI: 'true' }, true],
    ['there is no terminal', {}, false],
  ])('nobody when %s', (_, env, isTTY) => {
    expect(mayAsk(env, { isTTY })).toBe(false);
  });
});
