import { gitAdvice } from './git-advice.js';

const output = 'fatal: not a git repository (or any of the parent directories): .git\n';

describe('the advice for a program that asks git', () => {
  it('names the option that gives it a repository', () => {
    expect(gitAdvice(output, undefined)).toContain('"gitInfo": true');
  });

  it('is not given where there is one, nor for other failures', () => {
    expect(gitAdvice(output, true)).toBeUndefined();
    expect(gitAdvice('src/A.hs:1:1: error: parse error', false)).toBeUndefined();
  });
});
