import { componentOf, packageOfId, type Unit } from './unit.js';

/** What a line of cabal's output says, as far as outcomes and logs hang on it. */
export type OutputLine =
  /** An entry of "In order, the following will be built". One unit a component. */
  | { readonly says: 'planned'; readonly units: readonly Unit[] }
  /** Work on a unit goes on: configuring, preprocessing, building, running, documenting. */
  | { readonly says: 'progress'; readonly unit: Unit }
  /** The line names a package, by a path in its build folder. */
  | { readonly says: 'mention'; readonly package: string }
  /** A module is compiled: from the file, which later messages name, into the package's build folder. */
  | { readonly says: 'compiles'; readonly package: string; readonly file: string }
  | { readonly says: 'passed'; readonly suite: string }
  | { readonly says: 'other' };

const PLANNED = /^ - (\S+)(?: \(([^)]*)\))?/;
const PROGRESS =
  /^(?:Configuring|Preprocessing|Building|Running Haddock on|Running|Documenting|Haddock coverage for|Preparing)\s+(?:(.*?) (?:for|from) )?(\S+?)(?:\.{2,3}|…)$/;
const COMPILES = /^\[ *\d+ of +\d+\] Compiling \S+ +\( ([^,]+),/;
/** A suite may have left its last line unfinished; then the verdict stands behind it. */
const PASSED = /Test suite (\S+): PASS$/;
const BUILD_FOLDER = /[/\\]build[/\\][^/\\]+[/\\]ghc-[^/\\]+[/\\]([^/\\]+)[/\\]/;

/** Classifies one line, without its line break and terminal codes. */
export function readLine(line: string): OutputLine {
  const planned = PLANNED.exec(line);
  if (planned !== null) {
    const name = packageOfId(planned[1] ?? '');
    if (name !== undefined) return { says: 'planned', units: plannedUnits(name, planned[2]) };
  }
  const progress = PROGRESS.exec(line);
  if (progress !== null) {
    const name = packageOfId(progress[2] ?? '');
    if (name !== undefined) {
      return { says: 'progress', unit: { package: name, component: componentOf(progress[1] ?? '') } };
    }
  }
  const passed = PASSED.exec(line)?.[1];
  if (passed !== undefined) return { says: 'passed', suite: passed };
  const mentioned = packageOfId(BUILD_FOLDER.exec(line)?.[1] ?? '');
  if (mentioned === undefined) return { says: 'other' };
  const file = COMPILES.exec(line)?.[1]?.trim();
  return file === undefined ? { says: 'mention', package: mentioned } : { says: 'compiles', package: mentioned, file };
}

/** ` - pkg-0.1 (lib, exe:a) (first run)`: the first parentheses hold components; with `{…}` ids there are none. */
function plannedUnits(name: string, components: string | undefined): Unit[] {
  const named = (components ?? '').split(/,\s*/).filter((item) => /^(lib|flib|exe|test|bench)(:|$)/.test(item));
  if (named.length === 0) return [{ package: name, component: null }];
  return named.map((component) => ({ package: name, component }));
}
