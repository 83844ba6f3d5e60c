/** A package that is to become an Nx project. */
export interface NamedPackage {
  readonly root: string;
  /** The package's own name. */
  readonly packageName: string;
  /** The name that its project.json or package.json gives it. */
  readonly givenName: string | undefined;
  /** The folder of the cabal project that builds it. */
  readonly projectRoot: string;
}

/**
 * The Nx names of packages: each has its package's name. Of several with one name, those whose project.json or package.json
 * gives another have that; of the rest, the one of the outermost cabal project keeps the package's name, and the others are
 * called by their folder (`two/util`), which no other can have.
 * @param reserved names of other projects
 * @returns names by root
 */
export function projectNames(
  packages: readonly NamedPackage[],
  reserved: ReadonlySet<string | undefined> = new Set(),
): Map<string, string> {
  const names = new Map<string, string>();
  const taken = new Set([...reserved, ...packages.flatMap(({ givenName }) => givenName ?? [])]);
  for (const { root, packageName, givenName } of [...packages].sort(outermostFirst)) {
    if (givenName === undefined && taken.has(packageName)) names.set(root, root === '.' ? `${packageName}-root` : root);
    else names.set(root, packageName);
    if (givenName === undefined) taken.add(packageName);
  }
  return names;
}

function outermostFirst(a: NamedPackage, b: NamedPackage): number {
  return depth(a.projectRoot) - depth(b.projectRoot) || depth(a.root) - depth(b.root) || (a.root < b.root ? -1 : 1);
}

function depth(folder: string): number {
  return folder === '.' ? 0 : folder.split('/').length;
}
