import type { CabalPackage } from '../package/cabal-package.js';
import type { LocatedCompilerField } from './requested-compiler.js';
import type { HaskellFileError } from '../syntax/source-error.js';
import type { CompilerSettings } from './cabal-project-file.js';

/** A package and where it lies. */
export interface LocatedPackage extends CabalPackage {
  /** Absolute path of its folder. */
  readonly dir: string;
  /** Absolute path of the file that describes it: its *.cabal, or its package.yaml where hpack makes the *.cabal. */
  readonly cabalFile: string;
  /** Whether the *.cabal must be made from package.yaml before cabal runs. */
  readonly needsHpack: boolean;
  /** Absolute paths of further files that the description takes from: what a package.yaml includes. */
  readonly includedFiles: readonly string[];
  /** What the files of its project let its build read besides, relative to its folder, as written. */
  readonly added: AddedPaths;
}

/** Paths of `extra-include-dirs`, `extra-lib-dirs`, `extra-prog-path` and `program-locations` of a project file. */
export interface AddedPaths {
  readonly folders: readonly string[];
  readonly files: readonly string[];
}

/** A package that a project lists and that cannot be read: its description is broken or is not there. */
export interface BrokenPackage {
  /** Absolute path of its folder. */
  readonly dir: string;
  /** Absolute path of its broken description; of the project file that lists it where it has none. */
  readonly file: string;
  /** What can be told of it. */
  readonly sketch: CabalPackage;
  readonly problem: HaskellFileError;
}

/** Packages that cabal builds together: one plan, one dist-newstyle. */
export interface HaskellProject {
  /** Absolute path of the folder in which cabal runs. */
  readonly dir: string;
  /**
   * `cabal`: there is a cabal.project. `stack`: a stack.yaml names the packages, and cabal needs a project file made
   * from it. `package`: a lone package without either.
   */
  readonly kind: 'cabal' | 'stack' | 'package';
  /**
   * Whether cabal, run in {@link dir}, needs a project file that is made for it: it knows no stack.yaml, and it would
   * take a cabal.project further up for that of a lone package.
   */
  readonly needsProjectFile: boolean;
  /**
   * Absolute paths of the files, besides the packages' own, that decide what is built: cabal.project, its .local and
   * .freeze, what they import, stack.yaml, and where one is a symbolic link, what it leads to; local source archives; what
   * its package.yaml files include. Only files that exist.
   */
  readonly files: readonly string[];
  /** Those of {@link files} that are source archives of packages. */
  readonly archives: readonly string[];
  /** Absolute paths of symbolic links to folders over which the project's locations lead: cabal needs them, too. */
  readonly links: readonly string[];
  /** Compiler options that those files add to the packages' own. */
  readonly settings: readonly CompilerSettings[];
  /** What those files say about the compiler. */
  readonly compilers: readonly LocatedCompilerField[];
  /** Whether all its files could be read: what they do not list then is no package of it. */
  readonly isComplete: boolean;
  /** Whether its files import others. Then cabal cannot be kept from reading a package that they list. */
  readonly hasImports: boolean;
  /** Sorted by folder. Two packages of one name are both here; cabal refuses them. */
  readonly packages: readonly LocatedPackage[];
  /** Sorted by folder. */
  readonly broken: readonly BrokenPackage[];
  /** Why cabal could not plan the project at all: what is wrong with its own files, what they list that is not there. */
  readonly problems: readonly HaskellFileError[];
}
