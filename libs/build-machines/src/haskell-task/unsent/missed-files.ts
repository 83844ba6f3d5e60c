/** A file that a compiler or program did not find, by what it said. */
export interface MissedFile {
  /** Ways to name it, relative to wherever the program was. */
  readonly names: readonly string[];
}

/** What a module's source can be called. */
const SOURCES = ['hs', 'lhs', 'hsc', 'chs', 'x', 'y', 'ly', 'hs-boot'];

type Reader = readonly [pattern: RegExp, namesOf: (match: RegExpExecArray) => string[]];

const readers: readonly Reader[] = [
  // static/app.js: openFile: does not exist (No such file or directory)
  [
    /^[\s|*>•]*(?:\S+: )??([^\n:]+?): (?:\w+:)*\s?\w+: does not exist \(No such file or directory\)/gm,
    ([, path = '']) => [path],
  ],
  // cabal: can't find source for Gen/Word in app, gen
  [
    /can't find source for (\S+) in ([^\n]+)/g,
    ([, module = '', folders = '']) =>
      folders.split(/,\s*/).flatMap((folder) => SOURCES.map((ending) => `${folder.trim()}/${module}.${ending}`)),
  ],
  // fatal error: word.h: No such file or directory; fatal error: 'word.h' file not found
  [/fatal error: ['"<]?([^\s:'">]+)['">]?(?:: No such file| file not found)/g, ([, path = '']) => [path]],
  // Could not find module ‘Gen.Word’
  [
    /Could not (?:find|load) module [‘'`]([\w.']+)[’']/g,
    ([, module = '']) => SOURCES.map((ending) => `${module.replaceAll('.', '/')}.${ending}`),
  ],
];

/** The files that the output of a failed command says are not there. */
export function missedFiles(output: string): MissedFile[] {
  return readers.flatMap(([pattern, namesOf]) =>
    [...output.matchAll(pattern)].map((match) => ({ names: namesOf(match as RegExpExecArray) })),
  );
}
