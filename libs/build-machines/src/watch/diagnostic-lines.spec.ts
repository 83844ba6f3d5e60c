import { DiagnosticLines } from './diagnostic-lines.js';

const folders = new Map([
  ['core', 'libs/core'],
  ['app', 'apps/app'],
]);

describe('the lines of a watched GHCi', () => {
  it('have positions that are relative to the workspace, one character after the other too', () => {
    const lines = new DiagnosticLines('app', folders);
    const text = 'src/Word.hs:3:10: error:\n    • No instance for (Num String)\nsrc/A.hs:(3,1)-(4,2): warning:\n';
    expect([...text].map((character) => lines.push('stderr', character)).join('')).toBe(
      'apps/app/src/Word.hs:3:10: error:\n    • No instance for (Num String)\napps/app/src/A.hs:(3,1)-(4,2): warning:\n',
    );
  });

  it('leave absolute positions and other text alone', () => {
    const lines = new DiagnosticLines('app', folders);
    for (const line of [
      '/ws/apps/app/src/Word.hs:3:10: error:\n',
      '[1 of 2] Compiling Word ( src/Word.hs, interpreted )\n',
      '<no location info>: error: module ‘Word’ cannot be found locally\n',
    ])
      expect(lines.push('stdout', line)).toBe(line);
  });

  it('are not changed for a package at the root of the workspace', () => {
    const lines = new DiagnosticLines('app', new Map([['app', '.']]));
    expect(lines.push('stderr', 'src/Word.hs:3:10: error:\n')).toBe('src/Word.hs:3:10: error:\n');
  });

  it('name the files of the package that cabal builds before', () => {
    const lines = new DiagnosticLines('app', folders);
    lines.push('stdout', 'Building library for core-0.1.2..\n');
    expect(lines.push('stderr', 'src/Core.hs:1:1: error:\n')).toBe('libs/core/src/Core.hs:1:1: error:\n');
    lines.push('stdout', 'Preprocessing library for app-0.1..\n');
    expect(lines.push('stderr', 'src/App.hs:1:1: error:\n')).toBe('apps/app/src/App.hs:1:1: error:\n');
    lines.push('stdout', "Building test suite 'spec' for another-1.0..\n");
    expect(lines.push('stderr', 'src/App.hs:1:1: error:\n')).toBe('apps/app/src/App.hs:1:1: error:\n');
  });

  it('are without prompts, of which some stay before the first line', () => {
    const lines = new DiagnosticLines('app', folders);
    expect(lines.push('stdout', 'ghci> ')).toBe('');
    expect(lines.push('stdout', '*Data.Word Said> Ok, two modules loaded.\n')).toBe('Ok, two modules loaded.\n');
  });
});
