import { adviceOnSilentSuites } from './silent-suites.js';

describe('a suite that fails', () => {
  it('may have been ended by a signal where it printed nothing', () => {
    const output = 'Running 1 test suites...\nTest suite crash: RUNNING...\nTest suite crash: FAIL\n';
    expect(adviceOnSilentSuites(output)).toMatch(/^Nothing was printed by: crash\..*SIGSEGV/);
  });

  it.each([
    'Test suite one: RUNNING...\nfailed: 1 /= 2\nTest suite one: FAIL\n',
    'Test suite one: RUNNING...\nTest suite one: PASS\n',
    '',
  ])('speaks for itself otherwise: %j', (output) => {
    expect(adviceOnSilentSuites(output)).toBeUndefined();
  });
});
