import { join, relative, sep } from 'node:path';
import type { HaskellProject } from '../project/haskell-project.js';
import { plannablePackages } from '../project/unreadable-packages.js';

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
 *
 * Where packages are left out, the further arguments name those that stay, and the user's own lists are dropped: a field is
 * its line and all below it that is indented deeper.
 */
const COPY_AND_WRITE_LINES = String.raw`set -e
target=$1 back=$2 lists=$3; shift 3
copy() {
  if [ "$lists" = keep ]; then cat "$1"; return; fi
  awk '{ match($0, /^[ \t]*/) }
    inList && (RLENGTH > indent || /^[ \t\r]*$/ || /^[ \t]*--/) { next }
    { inList = 0 }
    tolower($0) ~ /^[ \t]*(optional-)?packages[ \t]*:/ { inList = 1; indent = RLENGTH; next }
    { print }' "$1"
}
mkdir -p "$(dirname "$target")"
for suffix in "" .local .freeze; do
  source=cabal.project$suffix
  if [ ! -f "$source" ]; then rm -f "$target$suffix"
  elif grep -Eiq "^[[:space:]]*import[[:space:]]*:" "$source"; then printf "import: %s/%s\n" "$back" "$source" > "$target$suffix"
  else { copy "$source"; echo; } > "$target$suffix"
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
  if (project.needsProjectFile)
    return [...hpack, ['sh', '-c', WRITE_LINES, 'project file', file, ...packageLines(project), ...stanzas]];
  if (!isProjectFileMade(project, enabled)) return hpack;
  const back = posixRelative(join('/', file, '..'), '/');
  const lines = leavesOut(project) ? ['drop', ...packageLines(project)] : ['keep'];
  return [...hpack, ['sh', '-c', COPY_AND_WRITE_LINES, 'project file', file, back, ...lines, ...stanzas]];
}

/** Arguments that make cabal take the project file that {@link prepareCommands} makes, where it makes one. */
export function projectFileArguments(project: HaskellProject, buildDir: string, enabled?: EnabledComponents): string[] {
  return isProjectFileMade(project, enabled) ? [`--project-file=${generatedProjectFile(buildDir)}`] : [];
}

function isProjectFileMade(project: HaskellProject, enabled: EnabledComponents | undefined): boolean {
  return project.needsProjectFile || enabled !== undefined || leavesOut(project);
}

/** cabal refuses a project with a package that it cannot read, whatever it is asked to build. */
function leavesOut(project: HaskellProject): boolean {
  return project.broken.length > 0;
}

/** All packages that can be planned, as cabal's field. */
function packageLines(project: HaskellProject): string[] {
  const { dir, archives } = project;
  const paths = [...plannablePackages(project).map((pkg) => pkg.dir), ...archives];
  return ['packages:', ...paths.map((path) => `  ${JSON.stringify(`./${posixRelative(dir, path)}`)}`)];
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
