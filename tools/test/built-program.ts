import { join } from 'node:path';

/** Path of a program of tools/build/programs.mjs, which was bundled for this run of the tests. */
export function builtProgram(name: string): string {
  const folder = process.env['BUILD_MACHINES_TEST_PROGRAMS'];
  if (folder === undefined) throw new Error('only live specs have programs: name this one *.live.spec.ts');
  return join(folder, name);
}
