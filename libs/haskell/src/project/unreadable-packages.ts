import type { HaskellProject, LocatedPackage } from './haskell-project.js';
import { packageClosure } from './package-graph.js';

/**
 * Requires that cabal can read what it needs to build some packages and their tests: their own descriptions, those of the
 * packages that they need, and the project's files. Other packages are left out of the project for the build, unless its
 * files import others, which list what they list.
 * @param folders absolute folders of the packages
 * @throws HaskellFileError that names the file, the line and the fix
 */
export function requireReadable(project: HaskellProject, folders: readonly string[]): void {
  const sketches = project.broken.map(({ sketch, dir, problem }) => ({ ...sketch, dir, problem }));
  const all = [...project.packages.map((pkg) => ({ ...pkg, problem: undefined })), ...sketches];
  const names = all.filter(({ dir }) => folders.includes(dir)).map(({ name }) => name);
  const needed = packageClosure(all, names).find((pkg) => pkg.problem !== undefined);
  const other = project.problems[0] ?? (project.hasImports ? project.broken[0]?.problem : undefined);
  const problem = needed?.problem ?? other;
  if (problem !== undefined) throw problem;
}

/**
 * The packages that cabal can plan where those that it cannot read are left out: what needs one of them goes with it. Their
 * tests and benchmarks do not count; those of the packages that are meant are {@link requireReadable}'s matter.
 */
export function plannablePackages({ packages, broken }: HaskellProject): readonly LocatedPackage[] {
  if (broken.length === 0) return packages;
  const unreadable = broken.map(({ sketch }) => sketch);
  const all = [...packages, ...unreadable];
  return packages.filter(
    ({ name }) => !packageClosure(all, [name], 'production').some((pkg) => unreadable.includes(pkg)),
  );
}
