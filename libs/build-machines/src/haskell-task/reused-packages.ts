import { externalDependencies, type HaskellProject, type LocatedPackage } from '@build-machines/haskell';
import type { ReusedPackage, SyncScope } from '@build-machines/protocol';
import { relative, sep } from 'node:path';
import { OPEN_OPTION, RUNS_CODE } from '../graph/inputs/open-options.js';

/**
 * What a build of some packages reuses of earlier builds, for the agent to judge.
 * @param outsideOf what a package reads outside of its folder
 */
export function reusedPackages(
  packages: readonly LocatedPackage[],
  project: HaskellProject,
  workspaceRoot: string,
  outsideOf: (pkg: LocatedPackage) => { readonly roots: readonly string[]; readonly files: readonly string[] },
): ReusedPackage[] {
  const inWorkspace = (path: string): string => relative(workspaceRoot, path).split(sep).join('/') || '.';
  const versioned = ({ name, version }: LocatedPackage): string => `${name}-${version}`;
  const byName = new Map(packages.map((pkg) => [pkg.name, versioned(pkg)]));
  return packages.map((pkg) => {
    const outside = outsideOf(pkg);
    const sources: SyncScope = { roots: [inWorkspace(pkg.dir), ...outside.roots], files: [...outside.files] };
    return {
      name: versioned(pkg),
      sources,
      needs: externalDependencies(pkg).flatMap((reference) => byName.get(reference.package) ?? []),
      anyModule: mayReadAnything(pkg, project),
    };
  });
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
