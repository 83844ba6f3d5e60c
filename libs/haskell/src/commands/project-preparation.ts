import { join, relative, sep } from 'node:path';
import type { HaskellProject } from '../project/haskell-project.js';

/** Optional components that a command needs: those of some packages, and of no other. */
export interface EnabledComponents {
  readonly field: 'tests' | 'benchmarks';
  /** Names of packages. */
  readonly packages: readonly string[];
}

/**
 * Writes its further arguments, one a line, into the file that the first one names. The script is constant and the
 * arguments reach it as parameters, so nothing in them is read by the shell.
 */
const WRITE_LINES =
  'target=$1; shift; mkdir -p "$(dirname "$target")" && rm -f "$target.local" "$target.freeze" && printf "%s\\n" "$@" > "$target"';

/**
 * Writes a project file that says what the user's says, with the further arguments as lines below it, and its .local
 * and .freeze beside it, where cabal looks for them. A file with imports is imported itself, since cabal takes the paths
 * of imports relative to the file they stand in; only releases that know `import` can read such a file at all.
 */
const COPY_AND_WRITE_LINES = String.raw`set -e
target=$1 back=$2; shift 2
mkdir -p "$(dirname "$target")"
for suffix in "" .local .freeze; do
  source=cabal.project$suffix
  if [ ! -f "$source" ]; then rm -f "$target$suffix"
  elif grep -Eiq "^[[:space:]]*import[[:space:]]*:" "$source"; then printf "import: %s/%s\n" "$back" "$source" > "$target$suffix"
  else { cat "$source"; echo; } > "$target$suffix"
  fi
done
[ -f cabal.project ] || echo "packages: ./*.cabal" > "$target"
printf "%s\n" "$@" >> "$target"`;

/**
 * What must run before cabal: hpack where a *.cabal has to be made, and a project file where cabal would otherwise find
 * none or the wrong one, or where optional components are needed.
 *
 * cabal's `--enable-tests` asks for the tests of every package of the project: where those of one cannot be planned,
 * because a library is missing or two packages' tests need each other's package, nothing is. Only a project file can ask
 * for those of some packages.
 */
export function prepareCommands(project: HaskellProject, buildDir: string, enabled?: EnabledComponents): string[][] {
  const hpack = project.packages
    .filter((pkg) => pkg.needsHpack)
    .map((pkg) => ['hpack', posixRelative(project.dir, pkg.cabalFile)]);
  const file = generatedProjectFile(buildDir);
  const stanzas = enabled === undefined ? [] : stanzasFor(enabled);
  if (project.needsProjectFile) {
    const locations = project.packages.map((pkg) => `  ${JSON.stringify(`./${posixRelative(project.dir, pkg.dir)}`)}`);
    return [...hpack, ['sh', '-c', WRITE_LINES, 'project file', file, 'packages:', ...locations, ...stanzas]];
  }
  if (enabled === undefined) return hpack;
  const back = posixRelative(join('/', file, '..'), '/');
  return [...hpack, ['sh', '-c', COPY_AND_WRITE_LINES, 'project file', file, back, ...stanzas]];
}

/** Arguments that make cabal take the project file that {@link prepareCommands} makes, where it makes one. */
export function projectFileArguments(project: HaskellProject, buildDir: string, enabled?: EnabledComponents): string[] {
  const isMade = project.needsProjectFile || enabled !== undefined;
  return isMade ? [`--project-file=${generatedProjectFile(buildDir)}`] : [];
}

function stanzasFor({ field, packages }: EnabledComponents): string[] {
  return [...packages].sort().flatMap((name) => [`package ${name}`, `  ${field}: True`]);
}

/** Inside the build folder: it is ours, never synced, and outlives a sync. */
function generatedProjectFile(buildDir: string): string {
  return join(buildDir, 'build-machines.project').split(sep).join('/');
}

function posixRelative(from: string, to: string): string {
  return relative(from, to).split(sep).join('/') || '.';
}
