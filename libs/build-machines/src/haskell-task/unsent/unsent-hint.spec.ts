import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { missedFiles } from './missed-files.js';
import { unsentHint } from './unsent-hint.js';

describe('files that a failed command did not find', () => {
  it.each([
    ['a splice', '        static/app.js: openFile: does not exist (No such file or directory)', 'static/app.js'],
    [
      'a splice of GHC 9.4',
      '      • my data.txt: withBinaryFile: does not exist (No such file or directory)',
      'my data.txt',
    ],
    [
      'a listing',
      '    static: getDirectoryContents:openDirStream: does not exist (No such file or directory)',
      'static',
    ],
    ['a program', 'app-test: golden/a.txt: openFile: does not exist (No such file or directory)', 'golden/a.txt'],
    ['gcc', 'cbits/k.c:1:10: fatal error: k.h: No such file or directory', 'k.h'],
    ['clang', "cbits/k.c:1:10: fatal error: 'k.h' file not found", 'k.h'],
    ['cabal', "cabal: can't find source for Gen/Word in app, gen", 'gen/Gen/Word.hs'],
    ['GHC', '    Could not find module ‘Gen.Word’', 'Gen/Word.hs'],
  ])('are read from the words of %s', (_who, output, expected) => {
    expect(missedFiles(`before\n${output}\nafter`).flatMap(({ names }) => names)).toContain(expected);
  });

  it('are none where everything was found', () => {
    expect(missedFiles('[1 of 2] Compiling Main ( app/Main.hs, Main.o )\nLinking app ...\n')).toEqual([]);
  });
});

describe('the hint about files that were not sent', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'unsent-'));
    for (const path of ['app/app.cabal', 'app/gen/Word.hs', 'web/dist/app.js', 'words.txt']) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), '');
    }
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
  });
  const hint = (output: string): string =>
    unsentHint(output, {
      root,
      taskId: 'app:remote-build',
      sent: { files: ['app/app.cabal'], links: new Map(), folders: ['app'] },
      known: new Set(['app/app.cabal', 'web/package.json', 'words.txt']),
    });
  const missing = (path: string): string => `${path}: openFile: does not exist (No such file or directory)`;

  it('names the input to add for a file that Nx knows', () => {
    expect(hint(missing('../words.txt'))).toContain('"inputs": ["...", "{workspaceRoot}/words.txt"]');
  });

  it('names the line for .nxignore, of the whole folder, where that is ignored', () => {
    expect(hint("can't find source for Word in app, gen")).toContain('.nxignore: !app/gen/ ');
    expect(hint(missing('../web/dist/app.js'))).toContain('.nxignore: !web/dist/ ');
    expect(hint(missing(join(root, 'web/dist/app.js')))).toContain('.nxignore: !web/dist/ ');
  });

  it('names the file itself where it was looked for behind a link', () => {
    symlinkSync('../web/dist', join(root, 'app/static'));
    expect(hint(missing('static/app.js'))).toContain('.nxignore: !web/dist/ ');
  });

  it('is silent about what was sent, and about what is nowhere', () => {
    expect(hint(missing('app.cabal'))).toBe('');
    expect(hint(missing('nowhere.txt'))).toBe('');
    expect(hint(missing('../../outside.txt'))).toBe('');
  });
});
