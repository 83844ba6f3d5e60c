import type { FieldLine } from '../syntax/elements.js';
import { HaskellFileError } from '../syntax/source-error.js';
import type { Dependency, ToolDependency } from './cabal-package.js';
import { commaSeparated } from './field-lists.js';

/** A package or component name: alphanumeric words joined by dashes (user guide, "Package names and versions"). */
const NAME = '[\\p{L}\\p{N}]+(?:-[\\p{L}\\p{N}]+)*';
const COMPONENT = '[\\p{L}\\p{N}_.+-]+';
const DEPENDENCY = new RegExp(
  `^(${NAME})(?:\\s*:\\s*(${COMPONENT}|\\{[^}]*\\}))?\\s*((?:[<>=^*(]|-any|-none|&&|\\|\\||$).*)?$`,
  'su',
);
const TOOL = new RegExp(`^(${NAME})\\s*:\\s*(${COMPONENT})\\s*((?:[<>=^(]|-any|-none|$).*)?$`, 'su');
const LEGACY_TOOL = new RegExp(`^(${COMPONENT}?)\\s*((?:[<>=^(]|-any|-none|$).*)?$`, 'su');

/**
 * The packages that Cabal itself maps a legacy `build-tools` name to; other names are found on PATH or are executables
 * of the same package (Distribution.Simple.BuildToolDepends.desugarBuildToolSimple).
 */
const LEGACY_TOOL_PACKAGES: Readonly<Record<string, string>> = {
  alex: 'alex',
  c2hs: 'c2hs',
  cpphs: 'cpphs',
  doctest: 'doctest',
  greencard: 'greencard',
  haddock: 'haddock',
  happy: 'happy',
  hsc2hs: 'hsc2hs',
  hscolour: 'hscolour',
  'hspec-discover': 'hspec-discover',
};

/**
 * Entries of `build-depends` or `setup-depends`.
 * @throws HaskellFileError for an entry that is no dependency
 */
export function parseDependencies(lines: readonly FieldLine[], file: string): Dependency[] {
  return commaSeparated(lines).map(({ text, line }) => {
    const [, name, libraries, range = ''] = DEPENDENCY.exec(text) ?? [];
    if (name === undefined) {
      throw new HaskellFileError(
        { file, line },
        `"${text}" is not a dependency`,
        'Write dependencies as "name version-range", separated by commas: base >=4.14 && <5, text.',
      );
    }
    return { package: name, libraries: libraryNames(name, libraries), range: range.trim(), line };
  });
}

function libraryNames(packageName: string, written: string | undefined): string[] {
  if (written === undefined) return [packageName];
  return written.startsWith('{')
    ? written
        .slice(1, -1)
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== '')
    : [written];
}

/**
 * Entries of `build-tool-depends`.
 * @throws HaskellFileError for an entry without `package:executable`
 */
export function parseToolDependencies(lines: readonly FieldLine[], file: string): ToolDependency[] {
  return commaSeparated(lines).map(({ text, line }) => {
    const [, name, executable, range = ''] = TOOL.exec(text) ?? [];
    if (name === undefined || executable === undefined) {
      throw new HaskellFileError(
        { file, line },
        `"${text}" is not a build tool`,
        'Write build tools as "package:executable": hspec-discover:hspec-discover.',
      );
    }
    return { package: name, executable, range: range.trim(), line };
  });
}

/**
 * Entries of the legacy `build-tools`, as the `build-tool-depends` entries that they stand for; tools that Cabal only
 * looks up on PATH are left out.
 * @param localExecutables names of the package's own executables
 */
export function parseLegacyTools(
  lines: readonly FieldLine[],
  packageName: string,
  localExecutables: ReadonlySet<string>,
): ToolDependency[] {
  return commaSeparated(lines).flatMap(({ text, line }) => {
    const [, executable = '', range = ''] = LEGACY_TOOL.exec(text) ?? [];
    const from = localExecutables.has(executable) ? packageName : LEGACY_TOOL_PACKAGES[executable];
    return from === undefined ? [] : [{ package: from, executable, range: range.trim(), line }];
  });
}

/** Package names of `mixins` entries: `name (A as B) requires (C)`, `name hiding (D)`, `name:sublibrary (E)`. */
export function parseMixins(lines: readonly FieldLine[]): string[] {
  const name = new RegExp(`^${NAME}`, 'u');
  return commaSeparated(lines).flatMap(({ text }) => name.exec(text)?.[0] ?? []);
}
