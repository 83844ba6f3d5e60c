import type { HaskellProject, LocatedPackage } from '../project/haskell-project.js';
import { UnknownPackageError } from './command-errors.js';

/**
 * A package of a project by its name.
 * @throws UnknownPackageError
 */
export function requiredPackage(project: HaskellProject, name: string): LocatedPackage {
  const found = project.packages.find((pkg) => pkg.name === name);
  if (found !== undefined) return found;
  throw new UnknownPackageError(
    name,
    project.dir,
    project.packages.map((pkg) => pkg.name),
  );
}
