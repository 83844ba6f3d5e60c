import type { ListItem } from '../package/field-lists.js';
import { words } from '../package/field-lists.js';
import type { Element } from '../syntax/elements.js';
import { isConditional } from '../syntax/elements.js';
import { parseElements } from '../syntax/parse-elements.js';

/**
 * What a cabal.project (or .local, .freeze, or an imported file) says about which packages the project has. All else
 * in it, such as `package` stanzas and source-repository-package, is for cabal alone.
 */
export interface CabalProjectFile {
  /** Locations of `packages`: files, folders, globs, URLs. */
  readonly packages: readonly ListItem[];
  /** Locations of `optional-packages`: globs that may match nothing. */
  readonly optionalPackages: readonly ListItem[];
  /** Files and URLs of `import`. */
  readonly imports: readonly ListItem[];
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
  };
}

function topLevelList(elements: readonly Element[], name: string): ListItem[] {
  return elements.flatMap((element) => {
    if (isConditional(element)) return topLevelList(element.children, name);
    return element.kind === 'field' && element.name === name ? words(element.lines) : [];
  });
}
