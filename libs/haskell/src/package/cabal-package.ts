/** The kinds of component that a Cabal package can have. */
export type ComponentKind = 'library' | 'foreign-library' | 'executable' | 'test-suite' | 'benchmark';

/** One entry of `build-depends`. */
export interface Dependency {
  /** The package's name; for cabal-version below 3.4 it may be the name of a sublibrary of the same package. */
  readonly package: string;
  /** Its libraries: `pkg:{a, b}` gives a and b, plain `pkg` gives the main library, whose name is the package's own. */
  readonly libraries: readonly string[];
  /** The version range as written; empty when there is none. */
  readonly range: string;
  /** 1-based line of the file. */
  readonly line: number;
}

/** One entry of `build-tool-depends`, or what a legacy `build-tools` entry stands for. */
export interface ToolDependency {
  readonly package: string;
  readonly executable: string;
  readonly range: string;
  readonly line: number;
}

/** A component, with its common stanzas merged and all branches of its conditionals taken together. */
export interface Component {
  readonly kind: ComponentKind;
  /** The main library has the package's name. */
  readonly name: string;
  /** 1-based line at which the component begins. */
  readonly line: number;
  readonly dependencies: readonly Dependency[];
  readonly toolDependencies: readonly ToolDependency[];
  /** Packages named in `mixins`; they must be in build-depends, too, but are kept apart. */
  readonly mixins: readonly string[];
  /** `hs-source-dirs`, `["."]` when there are none. */
  readonly sourceDirs: readonly string[];
  /** Files the component names itself: C, C++, Cmm, JS and assembler sources, headers, main-is, and so on. */
  readonly files: readonly string[];
  /** Folders the component names itself: include-dirs, extra-lib-dirs and so on. */
  readonly dirs: readonly string[];
  readonly mainIs: string | null;
  /** `default-extensions` and `extensions`: on in all modules. `other-extensions` switch nothing on. */
  readonly extensions: readonly string[];
  /** `ghc-options` and its kin, `cpp-options`, `cc-options` and so on, as written, one entry a word. */
  readonly options: readonly string[];
  /** The module names that it lists: exposed, other, autogen, signatures. */
  readonly modules: readonly string[];
}

/** What the user guide calls a package description; names as in the guide. */
export interface CabalPackage {
  readonly name: string;
  readonly version: string;
  /** `cabal-version`, the number alone: `3.0`, `1.10`; `1.0` when the file has none. */
  readonly cabalVersion: string;
  readonly buildType: 'Simple' | 'Configure' | 'Make' | 'Custom' | 'Hooks';
  readonly components: readonly Component[];
  /** `setup-depends` of `custom-setup`. */
  readonly setupDependencies: readonly Dependency[];
  /** `data-dir`, `.` when there is none. */
  readonly dataDir: string;
  /** Globs, relative to {@link dataDir}. */
  readonly dataFiles: readonly string[];
  /** Globs of extra-source-files, extra-doc-files, extra-tmp-files, extra-files and license files. */
  readonly extraFiles: readonly string[];
  /** Names of its flags. */
  readonly flags: readonly string[];
}

/** The components of one kind. */
export function componentsOf(pkg: CabalPackage, kind: ComponentKind): Component[] {
  return pkg.components.filter((component) => component.kind === kind);
}
