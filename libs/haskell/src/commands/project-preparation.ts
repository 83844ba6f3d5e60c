import { join, relative, sep } from 'node:path';
import type { HaskellProject } from '../project/haskell-project.js';

/**
 * Writes its arguments, one a line, into the file that the first one names. The script is constant and the arguments
 * reach it as parameters, so nothing in them is read by the shell.
 */
const WRITE_LINES = 'target=$1; shift; mkdir -p "$(dirname "$target")" && printf "%s\\n" "$@" > "$target"';

/**
 * What must run before cabal: hpack where a *.cabal has to be made, and the project file
 * where cabal would otherwise find none, or the wrong one.
 */
export function prepareCommands(project: HaskellProject, buildDir: string): string[][] {
  const hpack = project.packages
    .filter((pkg) => pkg.needsHpack)
    .map((pkg) => ['hpack', posixRelative(project.dir, pkg.cabalFile)]);
  if (!project.needsProjectFile) return hpack;
  const locations = project.packages.map((pkg) => `  ${JSON.stringify(`./${posixRelative(project.dir, pkg.dir)}`)}`);
  return [...hpack, ['sh', '-c', WRITE_LINES, 'sh', generatedProjectFile(buildDir), 'packages:', ...locations]];
}

/** Arguments that make cabal take the generated project file. */
export function projectFileArguments(project: HaskellProject, buildDir: string): string[] {
  return !project.needsProjectFile ? [] : [`--project-file=${generatedProjectFile(buildDir)}`];
}

/** Inside the build folder: it is ours, never synced, and outlives a sync. */
function generatedProjectFile(buildDir: string): string {
  return join(buildDir, 'build-machines.project').split(sep).join('/');
}

function posixRelative(from: string, to: string): string {
  return relative(from, to).split(sep).join('/') || '.';
}
