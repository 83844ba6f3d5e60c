import { readFileSync } from 'node:fs';
import { join } from 'node:path';
// What Nx does with a command line, for real.
import { createOverrides } from 'nx/src/utils/command-line-utils';
import { combineOptionsForExecutor, type Options, type Schema } from 'nx/src/utils/params';
import { Options as RunOptions } from '../executors/remote-run/options.js';
import { CabalTaskOptions } from './haskell-options.js';
import { parseOptions } from './parse-options.js';

function schemaOf(executor: string): Schema {
  return JSON.parse(readFileSync(join(__dirname, `../executors/${executor}/schema.json`), 'utf8')) as Schema;
}

/** The options as an executor gets them from Nx. */
function throughNx(executor: string, words: readonly string[], options: object = {}): unknown {
  const target = { executor: `build-machines:${executor}`, options };
  const overrides = createOverrides([...words]) as Options;
  return combineOptionsForExecutor(overrides, '', target, schemaOf(executor), 'app', '');
}

const argsOf = (words: readonly string[], options?: object): readonly string[] =>
  parseOptions(RunOptions, throughNx('remote-run', words, options)).args;

describe('arguments on the command line', () => {
  it.each([
    [
      ['--args=--port', '--args=8080'],
      ['--port', '8080'],
    ],
    [['--args=8080'], ['8080']],
    [['--args', '8080'], ['8080']],
    [
      ['--args', '1.0', '--args=-3', '--args=true'],
      ['1.0', '-3', 'true'],
    ],
    [['--args=0x10'], ['0x10']],
    [
      ['--args=1e3', '--args=x'],
      ['1e3', 'x'],
    ],
    [['--args=a,b'], ['a,b']],
    [
      ['--args=a,b', '--args=c'],
      ['a,b', 'c'],
    ],
    [['--args=Ada Lovelace; echo `id`'], ['Ada Lovelace; echo `id`']],
    [['--executable=app'], []],
  ])('reach the program as they were written: %j', (words, expected) => {
    expect(argsOf(words)).toEqual(expected);
  });

  it('take the place of those of project.json, which are left alone else', () => {
    expect(argsOf([], { args: ['a', 'b,c'] })).toEqual(['a', 'b,c']);
    expect(argsOf(['--args=1'], { args: ['a', 'b'] })).toEqual(['1']);
  });
});

describe('an option of another type', () => {
  it.each([
    ['--timeoutSeconds=soon', '"timeoutSeconds"'],
    ['--machine=5', '"machine"'],
    ['--ghc=9.8', '"ghc": must be an exact version such as 9.8.4'],
    ['--env.A=1', '"env"'],
    ['--labels=3', '"labels"'],
  ])('is refused in words of ours, not by Nx: %s', (word, expected) => {
    const options = throughNx('remote-build', [word]);
    expect(() => parseOptions(CabalTaskOptions, options)).toThrow(expected);
  });

  it('is converted by Nx where it can be', () => {
    const words = ['--timeoutSeconds=60', '--env=A,B', '--ghc=9.8.4', '--labels.site=lab'];
    expect(parseOptions(CabalTaskOptions, throughNx('remote-build', words))).toMatchObject({
      timeoutSeconds: 60,
      env: ['A', 'B'],
      ghc: '9.8.4',
      labels: { site: 'lab' },
    });
  });

  it('has its type shown by --help', () => {
    for (const executor of ['remote-build', 'ghc-install', 'logs', 'destroy'])
      for (const [name, property] of Object.entries(schemaOf(executor).properties))
        expect({ name, type: property.type as unknown }).toEqual({ name, type: expect.any(String) as string });
  });
});
