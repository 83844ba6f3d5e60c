import { delimiter } from 'node:path';

/**
 * What npm, npx, pnpm and Yarn put before the PATH of what they run: the programs of the packages around the working
 * folder, their own build tools, a temporary folder of each run.
 */
const OF_A_PACKAGE_MANAGER = [
  /(^|\/)node_modules\/\.bin\/?$/,
  /(^|\/)node-gyp-bin\/?$/,
  /\/yarn--\d+-[\d.]+\/?$/,
  /\/xfs-[0-9a-f]+\/?$/,
];

/**
 * The PATH of the account, without what a package manager added for this one command. Otherwise it would depend on the
 * folder and on the way in which `nx` was called, and what is started with it, a sandbox for instance, would be started
 * anew at each change.
 */
export function programPath(path: string): string {
  return path
    .split(delimiter)
    .filter((folder) => !OF_A_PACKAGE_MANAGER.some((pattern) => pattern.test(folder)))
    .join(delimiter);
}
