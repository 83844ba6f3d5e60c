import type { CabalPackage, Component, ComponentKind } from './cabal-package.js';

const HEADING = /^(library|foreign-library|executable|test-suite|benchmark)\b[ \t]*([\w.'-]*)/i;
const YAML_SECTIONS: Readonly<Record<string, ComponentKind>> = {
  library: 'library',
  'internal-libraries': 'library',
  executable: 'executable',
  executables: 'executable',
  tests: 'test-suite',
  benchmarks: 'benchmark',
};
const NAME = /^name[ \t]*:[ \t]*["']?([\p{L}\p{N}]+(?:-[\p{L}\p{N}]+)*)["']?[ \t]*$/imu;

/**
 * What can be told of a package whose description is broken or not there: its name and the names of its components, by the
 * lines that look like it. Its project keeps its name and its targets by this, and nothing is built from it.
 * @param text of the *.cabal or package.yaml; empty where there is none
 * @param folderName the name of a package that tells none
 */
export function sketchPackage(text: string, folderName: string, isYaml: boolean): CabalPackage {
  const name = NAME.exec(text)?.[1] ?? folderName;
  const headings = isYaml ? yamlHeadings(text) : cabalHeadings(text);
  return {
    name,
    version: '0',
    cabalVersion: '1.0',
    buildType: 'Simple',
    components: [
      ...new Map(
        headings.map(([kind, named]) => [`${kind} ${named}`, sketchComponent(kind, named === '' ? name : named)]),
      ).values(),
    ],
    setupDependencies: [],
    dataDir: '.',
    dataFiles: [],
    extraFiles: [],
    flags: [],
  };
}

type Heading = readonly [kind: ComponentKind, name: string];

function cabalHeadings(text: string): Heading[] {
  return text.split(/\r?\n/).flatMap((line): Heading[] => {
    const [, kind, name = ''] = HEADING.exec(line) ?? [];
    return kind === undefined ? [] : [[kind.toLowerCase() as ComponentKind, name]];
  });
}

/** Components of `executables` and its like are the keys that are indented least below it. */
function yamlHeadings(text: string): Heading[] {
  const headings: Heading[] = [];
  let kind: ComponentKind | undefined;
  let indent: number | undefined;
  for (const line of text.split(/\r?\n/)) {
    const [, blanks, key] = /^([ \t]*)([\w.'-]+)[ \t]*:/.exec(line) ?? [];
    if (key === undefined || blanks === undefined) continue;
    if (blanks === '') {
      kind = YAML_SECTIONS[key];
      indent = undefined;
      if (key === 'library' || key === 'executable') headings.push([YAML_SECTIONS[key] ?? 'library', '']);
      if (key === 'library' || key === 'executable') kind = undefined;
    } else if (kind !== undefined) {
      indent ??= blanks.length;
      if (blanks.length === indent) headings.push([kind, key]);
    }
  }
  return headings;
}

/** A component of which nothing is known but that it is there. */
export function sketchComponent(kind: ComponentKind, name: string): Component {
  return {
    kind,
    name,
    line: 1,
    dependencies: [],
    toolDependencies: [],
    mixins: [],
    sourceDirs: ['.'],
    files: [],
    dirs: [],
    mainIs: null,
    extensions: [],
    options: [],
    modules: [],
  };
}
