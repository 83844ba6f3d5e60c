import { smokeHint } from './smoke-hint.js';

describe('the hint of a smoke test that did not compile', () => {
  // As cabal 3.4.1 and 3.10 say it.
  it.each([
    `Warning: No mirrors found for http://hackage.haskell.org/
dieVerbatim: user error (cabal: '/usr/bin/curl' exited with an error:
curl: (6) Could not resolve host: hackage.haskell.org`,
    `Warning: The package list for 'hackage.haskell.org' does not exist. Run 'cabal
update' to download it.`,
  ])('names the missing package list and both ways out: %s', (output) => {
    const hint = smokeHint('box', output);
    expect(hint).toContain('no list of packages');
    expect(hint).toContain('cabal update');
    expect(hint).toContain('~/.cabal/config');
  });

  it('names libraries and compilers otherwise', () => {
    const hint = smokeHint('box', 'Smoke.hs:3:1: error: Variable not in scope: foo');
    expect(hint).toContain('nx run box:apt-install');
    expect(hint).not.toContain('cabal update');
  });
});
