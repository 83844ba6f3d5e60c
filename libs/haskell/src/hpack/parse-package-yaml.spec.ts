import { HaskellFileError } from '../syntax/source-error.js';
import { isHpackText } from './is-hpack.js';
import { parsePackageYaml } from './parse-package-yaml.js';

const files: Record<string, string> = {
  '/ws/common/d.yaml': 'dependencies: [text]\n',
  '/ws/common/broken.yaml': 'dependencies:\n  - [\n',
  '/ws/common/circle.yaml': 'x: !include circle.yaml\n',
  '/ws/common/self.yaml': 'defaults: {local: self.yaml}\n',
};
const read = (path: string): string | null => files[path] ?? null;
const parse = (yaml: string) => parsePackageYaml(yaml, '/ws/p/package.yaml', 'p', read);

function problemOf(yaml: string): HaskellFileError {
  try {
    parse(yaml);
  } catch (error) {
    if (error instanceof HaskellFileError) return error;
    throw error;
  }
  throw new Error('it was read');
}

describe('a package.yaml', () => {
  it('names the files that it takes in, each once', () => {
    const yaml = '<<: !include ../common/d.yaml\nlibrary:\n  defaults: {local: ../common/d.yaml}\n';
    expect(parse(yaml).includedFiles).toEqual(['/ws/common/d.yaml']);
  });

  it.each([
    ['an alias without an anchor', 'name: p\nlibrary: *nope\n', '/ws/p/package.yaml:2: there is no anchor "&nope"'],
    ['an alias of what it stands in', 'library: &x\n  then: *x\n', '/ws/p/package.yaml:2: "*x" holds itself'],
    ['a tab for a blank', 'library:\n\tdependencies: base\n', '/ws/p/package.yaml:2: '],
    ['an include that is not there', 'a: 1\nb: !include no.yaml\n', ':2: the included file "no.yaml" does not exist'],
    ['an include that is broken', '<<: !include ../common/broken.yaml\n', '/ws/common/broken.yaml:'],
    ['a circle of includes', 'x: !include ../common/circle.yaml\n', '/ws/common/circle.yaml:1: "circle.yaml" includes'],
    ['defaults that are not there', 'name: p\ndefaults: {local: no.yaml}\n', ':2: the defaults file "no.yaml"'],
    ['a circle of defaults', 'defaults: {local: ../common/self.yaml}\n', '"self.yaml" takes in itself'],
    [
      'defaults from elsewhere',
      'name: p\ndefaults: sol/hpack-template@2017\n',
      ':2: defaults of sol/hpack-template@2017',
    ],
    ['defaults from elsewhere, as a map', 'defaults: {github: a/b, ref: v1}\n', ':1: defaults of a/b'],
    ['a value of another kind', 'library:\n  dependencies: base\ntests: {t: 3}\n', ':3: tests.t'],
    ['a dependency that is none', 'library: {dependencies: "->"}\n', '"->" is not a dependency'],
    ['Cabal text that does not parse', 'library:\n  verbatim: "}"\n', 'package.yaml:1: a closing brace'],
  ])('is refused for %s, with its place', (_what, yaml, message) => {
    const problem = problemOf(yaml);
    expect(problem.message).toContain(message);
    expect(problem.hint).not.toBe('');
  });
});

describe('whether a package.yaml is one of hpack', () => {
  it.each([
    [
      'pnpm',
      'name: web\nversion: 1.0.0\ndependencies:\n  left-pad: 1.3.0\nscripts:\n  build: vite\nmain: x.js\n',
      false,
    ],
    ['pnpm, half typed', 'name: web\nscripts: [\n', false],
    ['an empty file', '', false],
    ['a list', '- a\n', false],
    ['hpack', 'name: p\nlibrary: {}\n', true],
    ['hpack, half typed', 'name: p\nexecutables: {\n', true],
    ['hpack, all in braces', '{name: p, tests: {t: {main: T.hs}}}', true],
    ['hpack, all included', 'name: p\n<<: !include ../common/none.yaml\n', true],
  ])('is told by its keys: %s', (_what, text, expected) => {
    expect(isHpackText(text, '/ws/p/package.yaml', read)).toBe(expected);
  });
});
