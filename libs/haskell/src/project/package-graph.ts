import type { CabalPackage, Component, Dependency } from '../package/cabal-package.js';

/** A package that another one needs, and the first line that says so. */
export interface PackageReference {
  readonly package: string;
  readonly line: number;
}

/** Which parts of a package count: all, or all but tests and benchmarks. */
export type DependencyScope = 'all' | 'production';

/**
 * Packages that a package needs from outside itself: through build-depends, build-tool-depends, mixins and
 * setup-depends of its components, sorted by name. Its own sublibraries and executables are not outside.
 */
export function externalDependencies(pkg: CabalPackage, scope: DependencyScope = 'all'): PackageReference[] {
  const references = new Map<string, number>();
  const add = (name: string, line: number): void => {
    if (name !== pkg.name && !references.has(name)) references.set(name, line);
  };
  for (const component of pkg.components.filter((c) => scope === 'all' || isProduction(c))) {
    for (const dependency of component.dependencies) {
      if (!isOwnSublibrary(pkg, dependency)) add(dependency.package, dependency.line);
    }
    for (const tool of component.toolDependencies) add(tool.package, tool.line);
    for (const mixin of component.mixins) {
      if (!isOwnSublibrary(pkg, { package: mixin, libraries: [mixin] })) add(mixin, component.line);
    }
  }
  for (const dependency of pkg.setupDependencies) add(dependency.package, dependency.line);
  return [...references]
    .map(([name, line]) => ({ package: name, line }))
    .sort((a, b) => (a.package < b.package ? -1 : 1));
}

/** Whether a component is built by a plain build: tests and benchmarks are not. */
export function isProduction(component: Component): boolean {
  return component.kind !== 'test-suite' && component.kind !== 'benchmark';
}

/**
 * Below cabal-version 3.4, a dependency with the name of a sublibrary of the same package means that sublibrary; from
 * 3.4 on, it means the package of that name (user guide, "Sublibraries").
 */
function isOwnSublibrary(pkg: CabalPackage, dependency: Pick<Dependency, 'package' | 'libraries'>): boolean {
  const [major = 0, minor = 0] = pkg.cabalVersion.split('.').map(Number);
  if (major > 3 || (major === 3 && minor >= 4)) return false;
  return pkg.components.some((c) => c.kind === 'library' && c.name !== pkg.name && c.name === dependency.package);
}

/**
 * The packages of a project that the named ones need, transitively, themselves included; in the order of `packages`.
 */
export function packageClosure<P extends CabalPackage>(
  packages: readonly P[],
  names: readonly string[],
  scope: DependencyScope = 'all',
): P[] {
  const byName = new Map(packages.map((pkg) => [pkg.name, pkg]));
  const reached = new Set<string>();
  const pending = [...names];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const pkg = byName.get(name);
    if (pkg === undefined || reached.has(name)) continue;
    reached.add(name);
    // Tests of what is needed are not: only the named packages' own tests can be.
    const own = names.includes(name) ? scope : 'production';
    pending.push(...externalDependencies(pkg, own).map((reference) => reference.package));
  }
  return packages.filter((pkg) => reached.has(pkg.name));
}
