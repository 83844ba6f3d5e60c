import { InvalidPackageNameError } from './errors.js';

/**
 * Checks a cabal package name: words of letters and digits joined by dashes, none of digits alone (Cabal user guide,
 * "Package names and versions").
 * @throws InvalidPackageNameError
 */
export function checkPackageName(name: string): void {
  const valid = name.split('-').every((word) => /^[A-Za-z0-9]+$/.test(word) && /[A-Za-z]/.test(word));
  if (!valid) throw new InvalidPackageNameError(name);
}

/** The module that a package's name suggests: `my-lib2` gives `MyLib2`. A word may not start with a digit: `X` goes before. */
export function moduleNameOf(packageName: string): string {
  const name = packageName
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
  return /^[A-Z]/.test(name) ? name : `X${name}`;
}
