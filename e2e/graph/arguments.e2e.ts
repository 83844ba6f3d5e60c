import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { journey } from '../support/journey.js';
import { runLog, up } from '../support/machine.js';
import { failed, isCacheHit, succeeded } from '../support/nx-output.js';
import { nx, writeTree } from '../support/workspace.js';

const project = (args: readonly string[] = []): Record<string, string> => ({
  'app/cabal.project': 'packages: .\n',
  'app/project.json': JSON.stringify({ name: 'app', targets: { 'remote-test': { options: { args } } } }),
  'app/app.cabal': `cabal-version: 2.4
name: app
version: 1
extra-source-files: word.txt
test-suite checks
  type: exitcode-stdio-1.0
  main-is: Checks.hs
  build-depends: base, template-haskell
  default-language: Haskell2010
`,
  'app/Checks.hs': `{-# LANGUAGE TemplateHaskell #-}
import Language.Haskell.TH.Syntax
main :: IO ()
main = if $(runIO (readFile "word.txt") >>= lift) == "old" then putStrLn "it is old" else error "it is new"
`,
  'app/word.txt': 'old',
});

/** What asks for another GHC: this one's number on the compiler that is there. */
const OTHER = '9.1.0';

describe('arguments and project files that would change where cabal builds, or what', () => {
  const workspace = journey({
    prepare: (made) => {
      writeTree(made, project());
    },
  });
  const test = (...words: string[]) => nx(workspace(), ['run', 'app:remote-test', ...words]);

  it.each([
    ['--args=--builddir=dist-prof', 'it changes where cabal writes'],
    ['--args=-wghc-9.0.2', '--ghc=9.6.6'],
    ['--args=--project-file=x', 'which project is built'],
    ['--args=--ghc-options=-odir /tmp/o', '-odir'],
    ['--args=--dry-run', 'succeeds without building'],
    ['--args=--buildd=x', 'is refused'],
  ])('are refused on the command line, alone and in a batch: %s', async (word, says) => {
    for (const batch of ['--batch=true', '--batch=false']) {
      const { output } = failed(await test(word, batch));
      expect(output).toContain(says);
      expect(output).not.toMatch(/^\s+at .*\.c?js:\d+/m);
    }
  });

  it('are refused in project.json', async () => {
    writeTree(workspace(), project(['--builddir', 'dist-prof']));
    expect(failed(await test()).output).toContain('The argument "--builddir" in "args" is refused');
    writeTree(workspace(), project());
  });

  it('do not move the output folder: a builddir of cabal.project.local counts for nothing', async () => {
    writeTree(workspace(), { 'app/cabal.project.local': 'builddir: dist-prof\n' });
    expect(succeeded(await test()).output).toContain('it is old');
    writeTree(workspace(), { 'app/word.txt': 'new' });
    expect(failed(await test()).output).toContain('it is new');
    writeTree(workspace(), { 'app/word.txt': 'old', 'app/cabal.project.local': null });
  });

  it('are allowed where they change how code is compiled', async () => {
    expect(succeeded(await test('--args=--ghc-options=-O0')).output).toContain('it is old');
  });

  it('do not pass by what was built before: a warning becomes an error', async () => {
    const unused = project()['app/Checks.hs']!.replace('main ::', 'import Data.List\nmain ::');
    writeTree(workspace(), { 'app/Checks.hs': unused });
    succeeded(await test('--args=--ghc-options=-Wall'));
    expect(failed(await test('--args=--ghc-options=-Wall -Werror')).output).toContain('-Werror=unused-imports');
    writeTree(workspace(), project());
  });

  it('with-compiler is the request for that version, also by a path of this computer', async () => {
    for (const [file, text] of [
      ['cabal.project', 'packages: .\nwith-compiler: ghc-9.0.2\n'],
      ['cabal.project.local', 'with-compiler: /home/somebody/.ghcup/bin/ghc-9.0.2\n'],
    ] as const) {
      writeTree(workspace(), { [`app/${file}`]: text });
      expect(succeeded(await test()).output).toContain('it is old');
      const refused = failed(await test(`--ghc=${OTHER}`)).output;
      expect(refused).toContain(`asks for GHC 9.0.2, but the task is to be built with GHC ${OTHER}`);
    }
    writeTree(workspace(), { 'app/cabal.project': 'packages: .\n', 'app/cabal.project.local': null });
  });

  it('names in its record the compiler that built, of two that are there', async () => {
    succeeded(await test());
    const bin = join(workspace().workstation.state, 'sandboxes/sandbox/home/.ghcup/bin');
    mkdirSync(bin, { recursive: true });
    for (const [name, option, answer] of [
      ['ghc', '--numeric-version', OTHER],
      ['ghc-pkg', '--version', `GHC package manager version ${OTHER}`],
    ] as const) {
      const wrapper = `#!/bin/sh\n[ "$1" = ${option} ] && echo ${answer} && exit\nexec /usr/bin/${name} "$@"\n`;
      writeFileSync(join(bin, `${name}-${OTHER}`), wrapper, { mode: 0o755 });
    }
    expect(isCacheHit(succeeded(await test()), 'app:remote-test')).toBe(true);
    await up(workspace());
    expect(isCacheHit(succeeded(await test()), 'app:remote-test')).toBe(true);
    writeTree(workspace(), { 'app/cabal.project': `packages: .\nwith-compiler: ghc-${OTHER}\n` });
    succeeded(await test());
    expect(runLog(workspace(), 'app', 'remote-test')).toContain(`ghc-${OTHER}`);
  });

  it('of a compiler without a version are refused with what to write', async () => {
    writeTree(workspace(), { 'app/cabal.project.local': 'with-compiler: /home/somebody/bin/my-ghc\n' });
    const { output } = failed(await test());
    expect(output).toContain('does not say which version of GHC');
    expect(output).toContain('with-compiler: ghc-9.6.6');
  });
});
