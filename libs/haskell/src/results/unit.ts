/** One thing that cabal builds: a component of a package, or a package as a whole (`component` null). */
export interface Unit {
  readonly package: string;
  /** In the words of cabal's overview: `lib`, `lib:name`, `exe:name`, `test:name`, `bench:name`, `flib:name`. */
  readonly component: string | null;
}

const PACKAGE_ID = /^([\p{L}\p{N}]+(?:-[\p{L}\p{N}]+)*?)-(\d+(?:\.\d+)*)$/u;

/** The package's name of a package id such as `my-lib-0.1.2`; undefined for what is none. */
export function packageOfId(id: string): string | undefined {
  return PACKAGE_ID.exec(id)?.[1];
}

const KINDS: readonly [RegExp, string][] = [
  [/^library$/, 'lib'],
  [/^library '(.+)'$/, 'lib:'],
  [/^foreign library '(.+)'$/, 'flib:'],
  [/^executable '(.+)'$/, 'exe:'],
  [/^test suite '(.+)'$/, 'test:'],
  [/^benchmark '(.+)'$/, 'bench:'],
];

/** The overview's word for a component that a progress line describes, as `test suite 'spec'`. */
export function componentOf(description: string): string | null {
  for (const [pattern, prefix] of KINDS) {
    const match = pattern.exec(description.trim());
    if (match !== null) return `${prefix}${match[1] ?? ''}`;
  }
  return null;
}
