import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { WorkspaceContext } from 'nx/src/native';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { literalGlob } from './literal-glob.js';

const NAMES = [
  't+',
  'tx',
  't',
  '[x]',
  'x',
  '{a}',
  'a',
  '{a,b}',
  'b',
  's*',
  's?',
  'sx',
  '@s',
  'q|r',
  'b\\c',
  'bc',
  'a b',
  '$d',
  '#e',
  '+(y)',
  '(p)',
  '!n',
  '!(z)',
];

describe('a folder as a glob of Nx', () => {
  let folder: string;
  let matched: (name: string) => string[];

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'globs-'));
    for (const name of NAMES) {
      mkdirSync(join(folder, 'w', name), { recursive: true });
      writeFileSync(join(folder, 'w', name, 'f'), '');
    }
    const context = new WorkspaceContext(join(folder, 'w'), join(folder, 'cache'));
    matched = (name) => context.glob([`${literalGlob(name)}/**/*`]).sort();
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it.each(NAMES.filter((name) => !/[!()]/.test(name)))('matches %j alone', (name) => {
    expect(matched(name)).toEqual([`${name}/f`]);
  });

  it.each(NAMES.filter((name) => /[!()]/.test(name)))('matches %j, whatever else', (name) => {
    expect(matched(name)).toContain(`${name}/f`);
  });
});
