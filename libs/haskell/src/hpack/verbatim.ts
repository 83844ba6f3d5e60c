import type { CabalPackage, Component } from '../package/cabal-package.js';
import { type PackageContext, readComponent } from '../package/component.js';
import { parseCabalFile } from '../package/parse-cabal-file.js';
import { parseElements } from '../syntax/parse-elements.js';

/** `verbatim` of hpack: Cabal's own syntax, or a map from fields to values, or a list of both. */
export type Verbatim = string | Readonly<Record<string, unknown>>;

/** A component with the fields that its section gives verbatim. */
export function withVerbatim(component: Component, verbatim: readonly Verbatim[], context: PackageContext): Component {
  if (verbatim.length === 0) return component;
  const children = parseElements(verbatim.map(cabalText).join('\n'), context.file);
  const section = { kind: 'section', name: component.kind, argument: component.name, children, line: 1 } as const;
  const added = readComponent(component.kind, component.name, section, new Map(), context);
  const namesSources = children.some((element) => /^hs-source-dirs?$/.test(element.name));
  return {
    ...component,
    dependencies: [...component.dependencies, ...added.dependencies],
    toolDependencies: [...component.toolDependencies, ...added.toolDependencies],
    mixins: [...component.mixins, ...added.mixins],
    sourceDirs: namesSources ? [...component.sourceDirs, ...added.sourceDirs] : component.sourceDirs,
    files: [...component.files, ...added.files],
    dirs: [...component.dirs, ...added.dirs],
    mainIs: added.mainIs ?? component.mainIs,
    extensions: [...component.extensions, ...added.extensions],
    options: [...component.options, ...added.options],
    modules: [...component.modules, ...added.modules],
  };
}

/** A package with what its package.yaml gives verbatim at the top: fields, and sections such as foreign libraries. */
export function withTopVerbatim(pkg: CabalPackage, verbatim: readonly Verbatim[], file: string): CabalPackage {
  if (verbatim.length === 0) return pkg;
  const written = parseCabalFile(`name: ${pkg.name}\n${verbatim.map(cabalText).join('\n')}\n`, file);
  return {
    ...pkg,
    components: [...pkg.components, ...written.components],
    setupDependencies: [...pkg.setupDependencies, ...written.setupDependencies],
    dataFiles: [...pkg.dataFiles, ...written.dataFiles],
    extraFiles: [...pkg.extraFiles, ...written.extraFiles],
    flags: [...pkg.flags, ...written.flags],
  };
}

/** A field without a value is one that hpack leaves out. */
function cabalText(verbatim: Verbatim): string {
  if (typeof verbatim === 'string') return verbatim;
  return Object.entries(verbatim)
    .filter(([, value]) => value !== null)
    .map(([field, value]) => `${field}:\n${valueLines(value)}`)
    .join('\n');
}

function valueLines(value: unknown): string {
  return String(value)
    .split('\n')
    .map((line) => `  ${line.trim()}`)
    .join('\n');
}
