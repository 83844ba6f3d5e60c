// Bundles the programs that live specs start, once for all of them: those of the package, as the package holds them.
import { mkdirSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { bundleProgram } from '../build/bundle-program.mjs';
import { programs, root, testPrograms } from '../build/programs.mjs';

export default async function buildPrograms() {
  // Below node_modules, so that a program finds what stays outside its bundle.
  const cache = join(root, 'node_modules/.cache/build-machines-tests');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'programs-'));
  await Promise.all([...programs, ...testPrograms].map((program) => bundleProgram(program, folder)));
  process.env.BUILD_MACHINES_TEST_PROGRAMS = folder; // Workers inherit it.
}
