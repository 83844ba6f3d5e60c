import { join } from 'node:path';

/**
 * Absolute path of a file of this package's build. In the bundles, `__dirname` is the build's own folder: esbuild puts
 * every bundle that imports this at its top.
 */
export function distributed(file: string): string {
  return join(__dirname, file);
}
