/**
 * What the text of source files says about which files a compilation may read. Every fact errs on the side of caution:
 * a comment that mentions Template Haskell counts as its use.
 */
export interface SourceFacts {
  /** Code of the package may run at compile time (Template Haskell, quasi-quotes). */
  readonly runsAtCompileTime: boolean;
  /** Such code may read files whose names do not stand in the text: it does I/O itself, lists folders, computes paths. */
  readonly readsUnnamedFiles: boolean;
  /** A preprocessor, plugin or include reaches for files outside the declared ones, whether or not code runs. */
  readonly reachesOut: boolean;
  /** The text does I/O on files: a dependent's compile-time code may read files through it. */
  readonly doesFileIo: boolean;
  /** A path in the text leaves its folder upwards. */
  readonly namesParentFolder: boolean;
  /** It asks where the data files of its package are: whatever lies there can be read, listed or not. */
  readonly findsDataFolder: boolean;
}

/** The facts of no text. */
export const NO_FACTS: SourceFacts = {
  runsAtCompileTime: false,
  readsUnnamedFiles: false,
  reachesOut: false,
  doesFileIo: false,
  namesParentFolder: false,
  findsDataFolder: false,
};

/** Not TemplateHaskellQuotes, which runs nothing. */
const COMPILE_TIME = /\b(?:X?TemplateHaskell|X?QuasiQuotes)\b/;

/** I/O within Template Haskell's monad, listing of folders, and file embedding whose argument is no plain literal. */
const UNNAMED =
  /\b(?:runIO|qRunIO|addDependentFile|qAddDependentFile|unsafePerformIO|listDirectory|getDirectoryContents|getDirectoryFiles\w*|embedDir\w*|glob|globDir\w*|readProcess\w*|readCreateProcess\w*)\b|\bembed[A-Z]\w*\s*(?=[^"\s\w])|\bembed[A-Z]\w*\s+(?=[a-z(])|"\.\.?\/?"/;

/** `#include` of a macro or of a path that leaves the folder, `#embed`, `.incbin`; compiler options that run programs. */
const REACHES_OUT =
  /^[ \t]*#[ \t]*include[ \t]+(?!["<])\S|^[ \t]*#[ \t]*include[ \t]*["<](?:\/|[^">\n]*\.\.\/)|^[ \t]*#[ \t]*embed\b|\.incbin\b|^[ \t]*\.include\b|OPTIONS(?:_GHC)?\b[^#]*?\s-(?:F\b|pgm|fplugin|i|I|opt)/m;

const FILE_IO =
  /\b(?:readFile\w*|openFile|openBinaryFile|withFile|withBinaryFile|embed[A-Z]\w*|doesFileExist|doesDirectoryExist|decodeFile\w*)\b/;

const PARENT = /["'|\s(]\.\.[/\\]|"\.\."/;

const DATA_FOLDER = /\b(?:getDataFileName|getDataDir)\b/;

/** The facts of one file. */
export function sourceFacts(text: string): SourceFacts {
  const readsUnnamedFiles = UNNAMED.test(text);
  return {
    runsAtCompileTime: COMPILE_TIME.test(text),
    readsUnnamedFiles,
    reachesOut: REACHES_OUT.test(text),
    doesFileIo: readsUnnamedFiles || FILE_IO.test(text),
    namesParentFolder: PARENT.test(text),
    findsDataFolder: DATA_FOLDER.test(text),
  };
}

/** What holds for any of some files. */
export function anyOf(a: SourceFacts, b: SourceFacts): SourceFacts {
  return {
    runsAtCompileTime: a.runsAtCompileTime || b.runsAtCompileTime,
    readsUnnamedFiles: a.readsUnnamedFiles || b.readsUnnamedFiles,
    reachesOut: a.reachesOut || b.reachesOut,
    doesFileIo: a.doesFileIo || b.doesFileIo,
    namesParentFolder: a.namesParentFolder || b.namesParentFolder,
    findsDataFolder: a.findsDataFolder || b.findsDataFolder,
  };
}
