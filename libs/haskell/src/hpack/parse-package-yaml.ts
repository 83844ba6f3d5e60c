import type { CabalPackage, Component, ComponentKind } from '../package/cabal-package.js';
import { parseDependencies, parseLegacyTools, parseToolDependencies } from '../package/dependencies.js';
import type { PackageContext } from '../package/component.js';
import { withDefaults } from './hpack-defaults.js';
import { type HpackSection, PackageYaml, SharedSection } from './package-yaml.js';
import { checkShape } from './parse-yaml.js';
import { type ReadText, readYaml } from './read-yaml.js';
import { withTopVerbatim, withVerbatim } from './verbatim.js';

/** A package as hpack describes it, and the files besides package.yaml that the description is taken from. */
export interface HpackPackage extends CabalPackage {
  /** Absolute paths of what `!include` and `defaults` name, each once. */
  readonly includedFiles: readonly string[];
}

/**
 * Reads an hpack package description as the package that hpack would make of it, with `!include`, `defaults` and
 * `verbatim`; conditionals contribute with both branches.
 * @param folderName name of its folder, which hpack takes for a package without a name
 * @param read reads the files that it includes
 * @throws HaskellFileError with the line where the YAML or its shape is broken
 */
export function parsePackageYaml(
  text: string,
  file: string,
  folderName: string,
  read: ReadText = () => null,
): HpackPackage {
  const content = withDefaults(readYaml(text, file, read), file, read);
  const yaml = checkShape(content, file, PackageYaml);
  const shared = { ...checkShape(content, file, SharedSection), verbatim: [] };
  const name = yaml.name ?? folderName;
  const localExecutables = new Set(Object.keys(yaml.executables));
  const context = { file, packageName: name, localExecutables };
  const one = (kind: ComponentKind, componentName: string, section: HpackSection | null): Component =>
    readHpackComponent(kind, componentName, [shared, ...(section ? [section] : [])], context);
  const all = (kind: ComponentKind, sections: Record<string, HpackSection | null>) =>
    Object.entries(sections).map(([componentName, section]) => one(kind, componentName, section));
  const pkg: CabalPackage = {
    name,
    version: yaml.version ?? '0.0.0',
    cabalVersion: '1.12',
    buildType: yaml['custom-setup'] ? 'Custom' : buildType(yaml['build-type']),
    components: [
      ...(yaml.library ? [one('library', name, yaml.library)] : []),
      ...all('library', yaml['internal-libraries']),
      ...(yaml.executable ? [one('executable', name, yaml.executable)] : []),
      ...all('executable', yaml.executables),
      ...all('test-suite', yaml.tests),
      ...all('benchmark', yaml.benchmarks),
    ],
    setupDependencies: dependencies(yaml['custom-setup']?.dependencies ?? [], file),
    dataDir: yaml['data-dir'] ?? '.',
    dataFiles: yaml['data-files'],
    extraFiles: [
      ...yaml['extra-source-files'],
      ...yaml['extra-doc-files'],
      ...yaml['extra-files'],
      ...yaml['license-file'],
      ...yaml['license-files'],
    ],
    flags: Object.keys(yaml.flags ?? {}),
  };
  const includedFiles = [...new Set(content.included)];
  return { ...withTopVerbatim(pkg, yaml.verbatim, file), includedFiles };
}

function readHpackComponent(
  kind: ComponentKind,
  name: string,
  sections: readonly HpackSection[],
  context: PackageContext,
): Component {
  const branches = sections.flatMap(withBranches);
  const all = (key: (branch: HpackSection) => readonly string[]) => [...new Set(branches.flatMap(key))];
  const tools = all((branch) => branch['build-tools']);
  const sourceDirs = all((branch) => branch['source-dirs']);
  const component: Component = {
    kind,
    name,
    line: 1,
    dependencies: dependencies(
      all((branch) => branch.dependencies),
      context.file,
    ),
    toolDependencies: [
      ...parseToolDependencies(asLines(tools.filter((tool) => tool.includes(':'))), context.file),
      ...parseLegacyTools(
        asLines(tools.filter((tool) => !tool.includes(':'))),
        context.packageName,
        context.localExecutables,
      ),
    ],
    mixins: [],
    sourceDirs: sourceDirs.length === 0 ? ['.'] : sourceDirs,
    files: all((branch) => [
      ...branch['c-sources'],
      ...branch['cxx-sources'],
      ...branch['asm-sources'],
      ...branch['js-sources'],
      ...branch['install-includes'],
    ]),
    dirs: all((branch) => [...branch['include-dirs'], ...branch['extra-lib-dirs']]),
    mainIs: branches.findLast((branch) => branch.main)?.main ?? null,
    extensions: all((branch) => [...branch['default-extensions'], ...branch['other-extensions']]),
    options: all((branch) => [
      ...branch['ghc-options'],
      ...branch['cpp-options'],
      ...branch['cc-options'],
      ...branch['ld-options'],
    ]).flatMap((option) => option.split(/\s+/)),
    modules: [],
  };
  return withVerbatim(
    component,
    branches.flatMap((branch) => branch.verbatim),
    context,
  );
}

function withBranches(section: HpackSection): HpackSection[] {
  const nested = [...section.when, ...(section.then ? [section.then] : []), ...(section.else ? [section.else] : [])];
  return [section, ...nested.flatMap(withBranches)];
}

function dependencies(written: readonly string[], file: string) {
  return parseDependencies(asLines(written), file);
}

/** hpack's entries in the form in which Cabal's own parsers take them. */
function asLines(items: readonly string[]) {
  return items.map((text) => ({ text: `${text},`, line: 1 }));
}

function buildType(written: string | null | undefined): CabalPackage['buildType'] {
  const known: readonly CabalPackage['buildType'][] = ['Configure', 'Make', 'Custom', 'Hooks'];
  return known.find((type) => type.toLowerCase() === written?.toLowerCase()) ?? 'Simple';
}
