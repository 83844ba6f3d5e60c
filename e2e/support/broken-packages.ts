import type { Files } from './small-project.js';

/** What one package of {@link brokenPackages} is like. */
interface Shape {
  /** Stanzas of its *.cabal file; `import: shared` gives language and base. */
  readonly stanzas: string;
  readonly files: Files;
}

const library = (module: string, needs = '', more = ''): string =>
  `library\n  import: shared\n  exposed-modules: ${module}\n  hs-source-dirs: src\n  build-depends: base${needs}\n${more}`;

const program = (name: string, needs = '', more = ''): string =>
  `executable ${name}\n  import: shared\n  main-is: Main.hs\n  hs-source-dirs: app\n  build-depends: base${needs}\n${more}`;

const suite = (needs = '', name = 'spec'): string =>
  `test-suite ${name}\n  import: shared\n  type: exitcode-stdio-1.0\n  main-is: Spec.hs\n  hs-source-dirs: test\n  build-depends: base${needs}\n`;

const benchmark = (needs = ''): string =>
  `benchmark speed\n  import: shared\n  type: exitcode-stdio-1.0\n  main-is: Speed.hs\n  hs-source-dirs: bench\n  build-depends: base${needs}\n`;

const value = (module: string, expression: string, imports = ''): Files => ({
  [`src/${module}.hs`]: `module ${module} where\n${imports}\nvalue${module} :: Int\nvalue${module} = ${expression}\n`,
});

const main = (path: string, action: string, imports = ''): Files => ({
  [path]: `${imports}\nmain :: IO ()\nmain = ${action}\n`,
});

/** cabal 3.4 breaks the line that tells of its failure before the name. */
export const longName = 'a-package-with-a-name-so-long-that-cabal-breaks-its-account-before-it';

/** By name; what is wrong with each is said in the word that its error holds. */
const shapes: Readonly<Record<string, Shape>> = {
  fine: {
    stanzas: library('Fine') + suite(', fine') + benchmark(', fine'),
    files: {
      ...value('Fine', '1'),
      ...main('test/Spec.hs', 'print valueFine', 'import Fine\n'),
      ...main('bench/Speed.hs', 'print valueFine', 'import Fine\n'),
    },
  },
  broken: {
    stanzas: library('Broken') + suite(', broken'),
    files: { ...value('Broken', '"word-of-broken"'), ...main('test/Spec.hs', 'print valueBroken', 'import Broken\n') },
  },
  // A chain of three, with a program, a suite and a benchmark at its end.
  middle: { stanzas: library('Middle', ', broken'), files: value('Middle', 'valueBroken', 'import Broken\n') },
  top: {
    stanzas: library('Top', ', middle') + program('top', ', top') + suite(', top') + benchmark(', top'),
    files: {
      ...value('Top', 'valueMiddle', 'import Middle\n'),
      ...main('app/Main.hs', 'print valueTop', 'import Top\n'),
      ...main('test/Spec.hs', 'print valueTop', 'import Top\n'),
      ...main('bench/Speed.hs', 'print valueTop', 'import Top\n'),
    },
  },
  // A diamond over what is broken.
  left: { stanzas: library('Left', ', broken'), files: value('Left', 'valueBroken', 'import Broken\n') },
  diamond: {
    stanzas: library('Diamond', ', left, middle'),
    files: value('Diamond', 'valueLeft + valueMiddle', 'import Left\nimport Middle\n'),
  },
  sublibrary: {
    stanzas: `library inner\n  import: shared\n  exposed-modules: Inner\n  hs-source-dirs: src\n  build-depends: base\n${program('sublibrary', ', sublibrary:inner')}`,
    files: { ...value('Inner', '"word-of-inner"'), ...main('app/Main.hs', 'print valueInner', 'import Inner\n') },
  },
  'own-library': {
    stanzas: library('OwnLibrary') + program('own-library', ', own-library') + suite(', own-library'),
    files: {
      ...value('OwnLibrary', '"word-of-own-library"'),
      ...main('app/Main.hs', 'print valueOwnLibrary', 'import OwnLibrary\n'),
      ...main('test/Spec.hs', 'print valueOwnLibrary', 'import OwnLibrary\n'),
    },
  },
  // Only its suite needs what is broken.
  'tests-need': {
    stanzas: library('TestsNeed') + suite(', broken'),
    files: { ...value('TestsNeed', '2'), ...main('test/Spec.hs', 'print valueBroken', 'import Broken\n') },
  },
  'bad-suite': {
    stanzas: library('BadSuite') + suite(),
    files: { ...value('BadSuite', '3'), ...main('test/Spec.hs', 'putStrLn wordOfBadSuite') },
  },
  'bad-program': { stanzas: program('bad-program'), files: main('app/Main.hs', 'print wordOfBadProgram') },
  'bad-tool': { stanzas: program('bad-tool'), files: main('app/Main.hs', 'print wordOfBadTool') },
  'needs-tool': {
    stanzas: library('NeedsTool', '', '  build-tool-depends: bad-tool:bad-tool\n'),
    files: value('NeedsTool', '4'),
  },
  'no-c-library': {
    stanzas: library('NoCLibrary', '', '  extra-libraries: wordofnolibrary\n'),
    files: value('NoCLibrary', '5'),
  },
  asserts: {
    stanzas: library('Asserts') + suite(),
    files: {
      ...value('Asserts', '6'),
      ...main('test/Spec.hs', 'putStrLn "word-of-assertion" >> exitFailure', 'import System.Exit\n'),
    },
  },
  [longName]: {
    stanzas: library('LongName'),
    files: value('LongName', '"word-of-long-name"'),
  },
  // The suite ends itself, as a fault in C code does.
  killed: {
    stanzas: library('Killed') + suite(', process'),
    files: {
      ...value('Killed', '7'),
      ...main(
        'test/Spec.hs',
        'callCommand "echo word-of-killed; kill -SEGV $PPID" >> threadDelay 9000000',
        'import Control.Concurrent\nimport System.Process\n',
      ),
    },
  },
};

/** Small packages in one cabal project that fail in as many ways as there are, and one that is fine. */
export function brokenPackages(): Files {
  const packages = Object.entries(shapes).map(([name, { stanzas, files }]) => {
    const described = `cabal-version: 3.0\nname: ${name}\nversion: 0.1\n\ncommon shared\n  default-language: Haskell2010\n\n${stanzas}`;
    const own = { [`${name}.cabal`]: described, ...files };
    return Object.fromEntries(Object.entries(own).map(([path, text]) => [`${name}/${path}`, text]));
  });
  return Object.assign({ 'cabal.project': 'packages: ./*/*.cabal\n' }, ...packages) as Files;
}

/** A cabal project of its own, in the folder `unplanned`, for which cabal finds no plan. */
export const unplannedProject: Files = {
  'unplanned/cabal.project': 'packages: one two\n',
  ...Object.fromEntries(
    ['one', 'two'].flatMap((name) => [
      [
        `unplanned/${name}/${name}.cabal`,
        `cabal-version: 3.0\nname: ${name}\nversion: 0.1\n\nlibrary\n  default-language: Haskell2010\n  exposed-modules: A\n  build-depends: base${name === 'one' ? ', word-of-unknown-package' : ''}\n`,
      ],
      [`unplanned/${name}/A.hs`, 'module A where\n'],
    ]),
  ),
};
