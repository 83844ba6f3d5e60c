import type { Section } from '../syntax/elements.js';
import type { Component, ComponentKind } from './cabal-package.js';
import { parseDependencies, parseLegacyTools, parseMixins, parseToolDependencies } from './dependencies.js';
import { words } from './field-lists.js';
import { flattenStanza } from './stanzas.js';

const FILES = [
  'c-sources',
  'cxx-sources',
  'cmm-sources',
  'asm-sources',
  'js-sources',
  'includes',
  'install-includes',
  'autogen-includes',
  'mod-def-file',
  'extra-source-files',
];
const DIRS = ['include-dirs', 'extra-lib-dirs', 'extra-lib-dirs-static', 'extra-framework-dirs'];
const EXTENSIONS = ['default-extensions', 'extensions'];
const OPTIONS = [
  'ghc-options',
  'ghc-prof-options',
  'ghc-shared-options',
  'ghc-prof-shared-options',
  'ghcjs-options',
  'cpp-options',
  'cc-options',
  'cxx-options',
  'asm-options',
  'cmm-options',
  'jspp-options',
  'ld-options',
  'hsc2hs-options',
];
const MODULES = ['exposed-modules', 'other-modules', 'autogen-modules', 'virtual-modules', 'signatures', 'test-module'];

/** What the stanzas of one package have in common. */
export interface PackageContext {
  readonly file: string;
  readonly packageName: string;
  readonly localExecutables: ReadonlySet<string>;
}

/**
 * Reads one component from its section.
 * @throws HaskellFileError for broken dependencies or imports
 */
export function readComponent(
  kind: ComponentKind,
  name: string,
  section: Section,
  common: ReadonlyMap<string, Section>,
  context: PackageContext,
): Component {
  const fields = flattenStanza(section, common, context.file);
  const lines = (field: string) => fields.get(field) ?? [];
  const all = (names: readonly string[]) => unique(names.flatMap((field) => words(lines(field)).map((w) => w.text)));
  const sourceDirs = all(['hs-source-dirs', 'hs-source-dir']);
  const mainIs = words(lines('main-is'))[0]?.text ?? null;
  return {
    kind,
    name,
    line: section.line,
    dependencies: parseDependencies(lines('build-depends'), context.file),
    toolDependencies: [
      ...parseToolDependencies(lines('build-tool-depends'), context.file),
      ...parseLegacyTools(lines('build-tools'), context.packageName, context.localExecutables),
    ],
    mixins: unique(parseMixins(lines('mixins'))),
    sourceDirs: sourceDirs.length === 0 ? ['.'] : sourceDirs,
    files: all(FILES),
    dirs: all(DIRS),
    mainIs,
    extensions: all(EXTENSIONS),
    options: all(OPTIONS),
    modules: all(MODULES),
  };
}

function unique(items: readonly string[]): string[] {
  return [...new Set(items)];
}
