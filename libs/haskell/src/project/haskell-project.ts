import type { CabalPackage } from '../package/cabal-package.js';
import type { CompilerSettings } from './cabal-project-file.js';
import type { LocatedCompilerField } from './requested-compiler.js';
import type { HaskellFileError } from '../syntax/source-error.js';

/** A package and where it lies. */
export interface LocatedPackage extends CabalPackage {
  /** Absolute path of its folder. */
  readonly dir: string;
  /** Absolute path of the file that describes it: its *.cabal, or its package.yaml where hpack makes the *.cabal. */
  readonly cabalFile: string;
  /** Whether the *.cabal must be made from package.yaml before cabal runs. */
  readonly needsHpack: boolean;
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
   * .freeze, what they import, stack.yaml, and where one is a symbolic link, what it leads to. Only files that exist.
   */
  readonly files: readonly string[];
  /** Compiler options that those files add to the packages' own. */
  readonly settings: readonly CompilerSettings[];
  /** What those files say about the compiler. */
  readonly compilers: readonly LocatedCompilerField[];
  /** Sorted by folder. Two packages of one name are both here; cabal refuses them. */
  readonly packages: readonly LocatedPackage[];
  /** Files that could not be read; the packages that they describe are missing from {@link packages}. */
  readonly problems: readonly HaskellFileError[];
}
