import type { Element, Field, Section } from '../syntax/elements.js';
import { isConditional } from '../syntax/elements.js';
import { parseElements } from '../syntax/parse-elements.js';
import { HaskellFileError } from '../syntax/source-error.js';
import type { CabalPackage, Component, ComponentKind } from './cabal-package.js';
import { readComponent } from './component.js';
import { parseDependencies } from './dependencies.js';
import { words } from './field-lists.js';
import { flattenStanza, type StanzaFields } from './stanzas.js';

const COMPONENT_KINDS: ReadonlySet<string> = new Set<ComponentKind>([
  'library',
  'foreign-library',
  'executable',
  'test-suite',
  'benchmark',
]);
const BUILD_TYPES: readonly CabalPackage['buildType'][] = ['Simple', 'Configure', 'Make', 'Custom', 'Hooks'];
const EXTRA_FILES = [
  'extra-source-files',
  'extra-doc-files',
  'extra-tmp-files',
  'extra-files',
  'license-file',
  'license-files',
];

/**
 * Parses a package description, cabal-version 1.x to 3.x (https://cabal.readthedocs.io/en/stable/cabal-package-description-file.html).
 * Conditions are not evaluated: every branch contributes.
 * @param text content of the *.cabal file
 * @param file its name, for messages
 * @throws HaskellFileError with file and line
 */
export function parseCabalFile(text: string, file = 'package.cabal'): CabalPackage {
  const elements = parseElements(text, file);
  const top = flattenStanza({ children: elements.filter((element) => element.kind === 'field') }, new Map(), file);
  const name = requiredName(top, file);
  const sections = elements.filter((element): element is Section => element.kind === 'section');
  const common = namedSections(sections, 'common');
  const localExecutables = new Set(namedSections(sections, 'executable').keys());
  const context = { file, packageName: name, localExecutables };
  const components = [
    ...oldStyleLibrary(elements).map((section) => readComponent('library', name, section, new Map(), context)),
    ...sections.filter(isComponent).map((section) => {
      const { kind, componentName } = identify(section, name, file);
      return readComponent(kind, componentName, section, common, context);
    }),
  ];
  requireUniqueComponents(components, file);
  return {
    name,
    version: single(top, 'version') ?? '0',
    cabalVersion: cabalVersion(top),
    buildType: buildType(top, sections),
    components,
    setupDependencies: sections
      .filter((section) => section.name === 'custom-setup')
      .flatMap((section) => {
        return parseDependencies(flattenStanza(section, common, file).get('setup-depends') ?? [], file);
      }),
    dataDir: single(top, 'data-dir') ?? '.',
    dataFiles: list(top, ['data-files']),
    extraFiles: list(top, EXTRA_FILES),
    flags: [...namedSections(sections, 'flag').keys()],
  };
}

function requiredName(top: StanzaFields, file: string): string {
  const name = single(top, 'name');
  if (name !== undefined && /^[\p{L}\p{N}]+(-[\p{L}\p{N}]+)*$/u.test(name)) return name;
  throw new HaskellFileError(
    { file, line: top.get('name')?.[0]?.line },
    name === undefined ? 'the package has no name' : `"${name}" is not a package name`,
    'Add a line such as "name: my-package" (letters, digits and single dashes).',
  );
}

/** The number in `3.0`, `>=1.10` or `>= 1.8 && < 2`. */
function cabalVersion(top: StanzaFields): string {
  return /\d+(\.\d+)*/.exec(list(top, ['cabal-version']).join(' '))?.[0] ?? '1.0';
}

/** Without a build-type, Cabal takes Simple; below cabal-version 2.2 it takes Custom, and so do we where a custom-setup says so. */
function buildType(top: StanzaFields, sections: readonly Section[]): CabalPackage['buildType'] {
  const written = single(top, 'build-type')?.toLowerCase();
  const known = BUILD_TYPES.find((type) => type.toLowerCase() === written);
  if (known !== undefined) return known;
  if (written === undefined && !sections.some((section) => section.name === 'custom-setup')) {
    return /^(2\.[2-9]|[3-9])/.test(cabalVersion(top)) ? 'Simple' : 'Custom';
  }
  return 'Custom';
}

function isComponent(section: Section): boolean {
  return COMPONENT_KINDS.has(section.name);
}

function identify(section: Section, packageName: string, file: string): { kind: ComponentKind; componentName: string } {
  const kind = section.name as ComponentKind;
  const written = section.argument.replace(/^"(.*)"$/, '$1');
  if (written !== '') return { kind, componentName: written };
  if (kind === 'library') return { kind, componentName: packageName };
  throw new HaskellFileError(
    { file, line: section.line },
    `the ${kind} has no name`,
    `Write its name behind it: "${kind} my-${kind}".`,
  );
}

/**
 * Files from before sections (cabal-version below 1.2) have the library's fields at the top, where conditionals are not
 * allowed: such a file has modules or dependencies there, and no component in a section of its own.
 */
function oldStyleLibrary(elements: readonly Element[]): Section[] {
  const fields = elements.filter((element): element is Field => element.kind === 'field');
  const begin = fields.find((field) => ['exposed-modules', 'build-depends', 'other-modules'].includes(field.name));
  if (begin === undefined || elements.some((element) => element.kind === 'section' && isComponent(element))) return [];
  const children = elements.filter((element) => element.kind === 'field' || isConditional(element));
  return [{ kind: 'section', name: 'library', argument: '', children, line: begin.line }];
}

function requireUniqueComponents(components: readonly Component[], file: string): void {
  const seen = new Set<string>();
  for (const component of components) {
    const key = `${component.kind} ${component.name}`;
    if (seen.has(key)) {
      throw new HaskellFileError(
        { file, line: component.line },
        `there are two components "${key}"`,
        'Rename one of them.',
      );
    }
    seen.add(key);
  }
}

function namedSections(sections: readonly Section[], kind: string): Map<string, Section> {
  return new Map(
    sections
      .filter((section) => section.name === kind)
      .map((section) => [section.argument.replace(/^"(.*)"$/, '$1'), section]),
  );
}

/** Of a field that is given twice, Cabal takes the last. */
function single(fields: StanzaFields, name: string): string | undefined {
  return list(fields, [name]).at(-1);
}

function list(fields: StanzaFields, names: readonly string[]): string[] {
  return names.flatMap((name) => words(fields.get(name) ?? []).map((item) => item.text));
}
