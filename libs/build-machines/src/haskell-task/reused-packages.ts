import {
  componentsOf,
  externalDependencies,
  type HaskellProject,
  leavesFolder,
  type LocatedPackage,
} from '@build-machines/haskell';
import type { ReusedPackage } from '@build-machines/protocol';
import { posix, relative, resolve, sep } from 'node:path';
import { OPEN_OPTION, RUNS_CODE } from './open-options.js';
import { strictnessOf } from './strictness.js';

/**
 * What a build reuses of earlier builds of a package, for the agent to judge.
 * @param outside what the package reads outside of its folder
 */
export function reusedPackage(
  pkg: LocatedPackage,
  project: HaskellProject,
  workspaceRoot: string,
  outside: { readonly roots: readonly string[]; readonly files: readonly string[] },
): ReusedPackage {
  const folder = relative(workspaceRoot, pkg.dir).split(sep).join('/') || '.';
  const searched = searchedFolders(pkg, project, workspaceRoot);
  const byName = new Map(project.packages.map((other) => [other.name, versioned(other)]));
  return {
    name: versioned(pkg),
    sources: { roots: [...new Set([folder, ...outside.roots, ...searched])], files: [...outside.files] },
    needs: externalDependencies(pkg).flatMap((reference) => byName.get(reference.package) ?? []),
    anyModule: mayReadAnything(pkg, project),
    strictness: strictnessOf(pkg, project),
    ownSetup: pkg.buildType !== 'Simple',
    ownLibraries: usedByItself(pkg)
      .map((dir) => posix.join(folder, dir))
      .filter((path) => !leavesFolder(path) && !path.startsWith('/')),
  };
}

/**
 * Folders in which the cabal project has the compiler search for a package's headers and libraries. Cabal takes them
 * relative to the package, older ones relative to the project.
 */
function searchedFolders(pkg: LocatedPackage, project: HaskellProject, workspaceRoot: string): string[] {
  return project.settings
    .filter((setting) => setting.package === null || setting.package === pkg.name)
    .flatMap(({ folders }) => folders)
    .flatMap((folder) => [resolve(pkg.dir, folder), resolve(project.dir, folder)])
    .map((folder) => relative(workspaceRoot, folder).split(sep).join('/') || '.')
    .filter((folder) => folder !== '.' && !leavesFolder(folder));
}

/** Source folders of the libraries of a package that other components of it use. */
function usedByItself(pkg: LocatedPackage): string[] {
  const libraries = componentsOf(pkg, 'library');
  const used = libraries.filter(({ name }) =>
    pkg.components.some(({ dependencies }) =>
      dependencies.some((dependency) => dependency.package === name || dependency.libraries.includes(name)),
    ),
  );
  const folders = used.flatMap(({ sourceDirs }) => sourceDirs).map((dir) => posix.normalize(dir).replace(/\/$/, ''));
  return [...new Set(folders)].sort();
}

function versioned({ name, version }: LocatedPackage): string {
  return `${name}-${version}`;
}

/** Whether options or extensions of a whole component make all of its modules read files that no tool records. */
function mayReadAnything(pkg: LocatedPackage, { settings }: HaskellProject): boolean {
  const added = settings.filter((setting) => setting.package === null || setting.package === pkg.name);
  const words = [
    ...pkg.components.flatMap(({ options, extensions }) => [...options, ...extensions]),
    ...added.flatMap(({ options }) => options),
  ];
  return pkg.buildType !== 'Simple' || words.some((word) => OPEN_OPTION.test(word) || RUNS_CODE.test(word));
}
