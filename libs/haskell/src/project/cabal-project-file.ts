import type { ListItem } from '../package/field-lists.js';
import { words } from '../package/field-lists.js';
import type { Element, Field, Section } from '../syntax/elements.js';
import { isConditional } from '../syntax/elements.js';
import { compilerFields, type CompilerField } from './compiler-fields.js';
import { parseElements } from '../syntax/parse-elements.js';

/**
 * What a cabal.project (or .local, .freeze, or an imported file) says about which packages the project has and what their
 * compilation may read. All else in it, such as constraints and source-repository-package, is for cabal alone.
 */
export interface CabalProjectFile {
  /** Locations of `packages`: files, folders, globs, URLs. */
  readonly packages: readonly ListItem[];
  /** Locations of `optional-packages`: globs that may match nothing. */
  readonly optionalPackages: readonly ListItem[];
  /** Files and URLs of `import`. */
  readonly imports: readonly ListItem[];
  /** `location` of each source-repository-package. */
  readonly repositories: readonly ListItem[];
  readonly settings: readonly CompilerSettings[];
  readonly compilers: readonly CompilerField[];
}

/** Compiler options that a project file adds to those of package descriptions. */
export interface CompilerSettings {
  /** The package that they are for; null: all packages of the project. */
  readonly package: string | null;
  /** Words of `ghc-options` and its kin and of fields with extensions, as written. */
  readonly options: readonly string[];
  /** Folders of `extra-include-dirs`, `extra-lib-dirs` and `extra-prog-path`. cabal takes them from each package's folder. */
  readonly folders: readonly string[];
  /** Programs of `program-locations`, from each package's folder, too. */
  readonly files: readonly string[];
}

/**
 * Parses a project file (https://cabal.readthedocs.io/en/stable/cabal-project-description-file.html). All branches of
 * conditionals contribute.
 * @throws HaskellFileError when the syntax is broken
 */
export function parseCabalProjectFile(text: string, file = 'cabal.project'): CabalProjectFile {
  const elements = parseElements(text, file);
  return {
    packages: topLevelList(elements, 'packages'),
    optionalPackages: topLevelList(elements, 'optional-packages'),
    imports: topLevelList(elements, 'import'),
    compilers: compilerFields(elements),
    settings: settingsOf(elements, null).filter(
      ({ options, folders, files }) => options.length + folders.length + files.length > 0,
    ),
    repositories: sectionsNamed(elements, 'source-repository-package').flatMap(({ children }) =>
      topLevelList(children, 'location'),
    ),
  };
}

/**
 * Settings stand at the top level, in `program-options`, and in a `package` stanza, for one package or for `*`. What a
 * program is given inside of a `package` stanza may stand in a section, too.
 */
function settingsOf(elements: readonly Element[], owner: string | null): CompilerSettings[] {
  const fields = elements.filter((element): element is Field => element.kind === 'field');
  const wordsOf = (name: RegExp) =>
    fields.filter((field) => name.test(field.name)).flatMap((field) => words(field.lines).map((item) => item.text));
  const own = {
    package: owner,
    options: wordsOf(/-options$|^(default-|other-)?extensions$/),
    folders: wordsOf(/^extra-((include|lib|framework)-dirs(-static)?|prog-path)$/),
    // A program without a folder is one that is found on PATH.
    files: wordsOf(/-location$/).filter((program) => program.includes('/')),
  };
  const nested = elements
    .filter((element): element is Section => element.kind === 'section')
    .flatMap((section) => settingsOf(section.children, section.name === 'package' ? named(section) : owner));
  return [own, ...nested];
}

function named({ argument }: Section): string | null {
  const name = argument.trim().replace(/^"(.*)"$/, '$1');
  return name === '*' ? null : name;
}

function sectionsNamed(elements: readonly Element[], name: string): Section[] {
  const sections = elements.filter((element): element is Section => element.kind === 'section');
  return sections.flatMap((section) =>
    section.name === name ? [section] : isConditional(section) ? sectionsNamed(section.children, name) : [],
  );
}

function topLevelList(elements: readonly Element[], name: string): ListItem[] {
  return elements.flatMap((element) => {
    if (isConditional(element)) return topLevelList(element.children, name);
    return element.kind === 'field' && element.name === name ? words(element.lines) : [];
  });
}
