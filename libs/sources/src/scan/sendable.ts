import { isTreePath, symlinkStaysInside } from '@build-machines/protocol';
import { posix } from 'node:path';
import { UnsupportedNameError } from './source-errors.js';

/** @throws UnsupportedNameError for a path that has no unambiguous form on the wire. */
export function requireSendable(paths: readonly string[]): void {
  const odd = paths.find((path) => path.includes('\uFFFD') || !isTreePath(path));
  if (odd !== undefined) throw new UnsupportedNameError(posix.dirname(odd), posix.basename(odd));
}

/** The links that can be followed on a machine: those that stay inside the workspace. */
export function sendableLinks(links: ReadonlyMap<string, string>): Map<string, string> {
  return new Map([...links].filter(([path, target]) => symlinkStaysInside(path, target)));
}

/** The links that lead out of the workspace, where a machine has nothing. They are not sent. */
export function linksOutside({ links }: { readonly links: ReadonlyMap<string, string> }): string[] {
  return [...links].filter(([path, target]) => !symlinkStaysInside(path, target)).map(([path]) => path);
}
