import { BUILD_DIR, cabalCommand, type CommandPieces, type CommandRequest, componentTarget } from './cabal-command.js';
import { type CabalPackage, type Component, type ComponentKind, componentsOf } from '../package/cabal-package.js';
import type { EnabledComponents } from './project-preparation.js';
import { requiredPackage } from './required-package.js';

/** What to load into GHCi. */
export interface ReplRequest extends Omit<CommandRequest, 'packages' | 'buildDir'> {
  readonly package: string;
  /** A component, by name; default: the library, else the first executable, else the first component. */
  readonly component?: string;
}

/**
 * Folder in which GHCi's own builds lie: apart from dist-newstyle, so that a session never disturbs a build that runs
 * beside it, nor has its flags reconfigure what was built.
 */
export const REPL_BUILD_DIR = `${BUILD_DIR}-repl`;

/** An interactive GHCi with one component loaded. */
export function replCommand(request: ReplRequest): CommandPieces {
  const pkg = requiredPackage(request.project, request.package);
  const component = replComponent(pkg, request.component);
  const kind = component?.kind ?? 'library';
  return cabalCommand(
    { ...request, packages: [pkg.name], buildDir: REPL_BUILD_DIR },
    {
      command: 'repl',
      flags: [],
      targets: [componentTarget(pkg.name, TARGET_KINDS[kind], component?.name ?? request.component ?? pkg.name)],
      artifacts: null,
      enabled: ENABLED_FOR[kind],
    },
  );
}

const PREFERRED: readonly ComponentKind[] = ['library', 'executable', 'test-suite', 'benchmark', 'foreign-library'];
const TARGET_KINDS = {
  library: 'lib',
  executable: 'exe',
  'test-suite': 'test',
  benchmark: 'bench',
  'foreign-library': 'flib',
} as const;
const ENABLED_FOR: Partial<Record<ComponentKind, EnabledComponents['field']>> = {
  'test-suite': 'tests',
  benchmark: 'benchmarks',
};

/** The component of a package that GHCi loads; undefined where the package has none of that name, or none at all. */
export function replComponent(pkg: CabalPackage, wanted: string | undefined): Component | undefined {
  const candidates = PREFERRED.flatMap((kind) => componentsOf(pkg, kind));
  return candidates.find(({ name }) => wanted === undefined || name === wanted);
}
