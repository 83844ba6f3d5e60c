import { build } from 'esbuild';
import { join } from 'node:path';
import { bundleOptions, root } from './programs.mjs';

/** Bundles a program of the table into a folder, under the name that it has in the package. */
export async function bundleProgram({ name, entry, target, external }, folder) {
  await build({ ...bundleOptions, target, external, entryPoints: [join(root, entry)], outfile: join(folder, name) });
}
