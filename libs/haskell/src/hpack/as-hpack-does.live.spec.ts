import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { diskFiles } from '../files/source-files.js';
import type { CabalPackage } from '../package/cabal-package.js';
import { parseCabalFile } from '../package/parse-cabal-file.js';
import { isMadeByHpack, saysOtherwise } from './hpack-made.js';
import { parsePackageYaml } from './parse-package-yaml.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'hpack-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const shared = {
  'common/shared.yaml': 'version: 0.3.0\ndependencies:\n- base\nghc-options: -Wall\n',
  'common/lib.yaml': 'dependencies: [mtl]\ndefaults:\n  local: deep/er.yaml\nlibrary:\n  dependencies: ignored\n',
  'common/deep/er.yaml': 'dependencies:\n- text\nwhen:\n- condition: os(windows)\n  dependencies: Win32\n',
  'common/nested.yaml': '<<: !include deep/er.yaml\nsource-dirs: src\n',
};

const packages: readonly (readonly [what: string, yaml: string])[] = [
  ['an include that is merged', 'name: p\n<<: !include ../common/shared.yaml\nlibrary: {source-dirs: src}\n'],
  ['an include of an include', 'library:\n  <<: !include ../common/nested.yaml\n  dependencies: array\n'],
  ['a section that is included', 'executables:\n  x: !include ../common/nested.yaml\n'],
  ['local defaults, which have some themselves', 'defaults: {local: ../common/lib.yaml}\nlibrary: {}\n'],
  [
    'a list of defaults, and those of a section',
    'defaults:\n- local: ../common/lib.yaml\n- local: ../common/shared.yaml\nlibrary: {}\ntests:\n  t:\n    defaults: {local: ../common/deep/er.yaml}\n    main: T.hs\n    dependencies: hspec\n',
  ],
  ['an anchor', 'library: &all\n  dependencies: [base, text]\nexecutables:\n  x:\n    <<: *all\n    main: M.hs\n'],
  ['a merge of what is no map', 'name: p\n<<: nothing\nlibrary: {dependencies: base}\n'],
  [
    'branches of conditionals',
    'library:\n  when:\n  - condition: impl(ghc >= 9)\n    then: {dependencies: array}\n    else: {dependencies: [bytestring, binary >= 0.8]}\n  - condition: flag(x)\n    source-dirs: more\nflags:\n  x: {manual: true, default: false}\n',
  ],
  [
    'verbatim fields',
    'library:\n  verbatim: |\n    build-depends: time\n    default-extensions: CPP\nexecutable:\n  main: M.hs\n  verbatim:\n    build-depends: directory\n    other-extensions: null\n',
  ],
  [
    'verbatim sections',
    'name: p\nlibrary: {}\nverbatim:\n- |\n  foreign-library f\n    type: native-shared\n    build-depends: array\n- tested-with: GHC\n',
  ],
  ['dependencies with ranges, as a map', 'dependencies:\n  base: ">= 4.9 && < 5"\n  text: ">=1"\nlibrary: {}\n'],
  [
    'dependencies with ranges, as a list',
    'dependencies:\n- base >= 4.9 && < 5\n- name: text\n  version: ">=1"\nlibrary: {}\n',
  ],
  [
    'sublibraries and benchmarks',
    'internal-libraries:\n  inner: {source-dirs: inner}\nbenchmarks:\n  b: {main: B.hs}\n',
  ],
  ['a version that is a number', 'version: 1.2\nlibrary: {}\n'],
  ['a custom setup', 'custom-setup:\n  dependencies: [base, Cabal]\nlibrary: {}\n'],
];

function make(yaml: string): { described: CabalPackage; made: CabalPackage; text: string } {
  const files = { ...shared, 'p/package.yaml': yaml };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const folder = join(root, 'p');
  execFileSync('hpack', ['--silent'], { cwd: folder, stdio: 'pipe' });
  const [cabalFile = ''] = readdirSync(folder).filter((name) => name.endsWith('.cabal'));
  const text = readFileSync(join(folder, cabalFile), 'utf8');
  const described = parsePackageYaml(yaml, join(folder, 'package.yaml'), 'p', diskFiles().read);
  return { described, made: parseCabalFile(text, cabalFile), text };
}

const needs = ({ components, setupDependencies }: CabalPackage) => ({
  setup: setupDependencies.map((one) => one.package).sort(),
  components: components
    .map(({ kind, name, dependencies }) => [
      `${kind} ${name}`,
      [...new Set(dependencies.map((one) => `${one.package} ${one.range.replace(/\s/g, '')}`))].sort(),
    ])
    .sort(),
});

describe('a package.yaml', () => {
  it.each(packages)('is read as hpack reads it: %s', (_what, yaml) => {
    const { described, made } = make(yaml);
    expect(needs(described)).toEqual(needs(made));
  });

  it.each(packages)('says what the file says that hpack made of it: %s', (_what, yaml) => {
    const { described, made, text } = make(yaml);
    expect(isMadeByHpack(text)).toBe(true);
    expect(saysOtherwise(described, made)).toBe(false);
  });

  it('owns the file that hpack made until somebody edits that', () => {
    make('library: {dependencies: base}\n');
    const folder = join(root, 'p');
    execFileSync('hpack', ['--silent', '--hash', '--force'], { cwd: folder, stdio: 'pipe' });
    const text = readFileSync(join(folder, 'p.cabal'), 'utf8');
    expect(text).toContain('-- hash: ');
    expect(isMadeByHpack(text)).toBe(true);
    expect(isMadeByHpack(text.replace('base', 'text'))).toBe(false);
    expect(isMadeByHpack('name: p\nversion: 1\n')).toBe(false);
  });
});
