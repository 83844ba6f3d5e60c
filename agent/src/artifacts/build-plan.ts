import { join } from 'node:path';
import { z } from 'zod';
import { readJson } from '../durable/read-json.js';

const Component = z.object({ 'bin-file': z.string().optional() });

/** What we need of an entry of `install-plan`; cabal adds keys from version to version. */
const PlanEntry = z.object({
  type: z.string(),
  id: z.string(),
  style: z.string().optional(),
  'pkg-name': z.string(),
  'pkg-version': z.string(),
  'pkg-src': z.object({ path: z.string().optional() }).optional(),
  'dist-dir': z.string().optional(),
  'component-name': z.string().optional().describe('Set for build-type Simple: one entry per component.'),
  'bin-file': z.string().optional(),
  components: z.record(z.string(), Component).optional().describe('Set for Custom: one entry for the whole package.'),
});

const Plan = z.object({ 'install-plan': z.array(PlanEntry) });

/** A component of a package in the workspace. */
export interface PlannedComponent {
  readonly package: string;
  readonly packageVersion: string;
  /** As in plan.json: `lib`, `lib:name`, `exe:name`, `test:name`, `bench:name`, `flib:name`. */
  readonly kind: string;
  readonly name: string;
  /** The component's executable, where it has one. It exists only if it was built. */
  readonly binFile: string | undefined;
  readonly distDir: string;
  /** Identity of the unit that cabal builds: the component, or where it builds a package as a whole, the package. */
  readonly id: string;
  /** Folder with the package's description. */
  readonly sourceDir: string | undefined;
  /** Absolute path of cabal's build folder. */
  readonly buildFolder: string;
}

/**
 * Components of the given packages in `<buildFolder>/cache/plan.json`, as written by cabal 3.4 and later.
 * @returns none when there is no plan, for example because the command was not cabal.
 */
export async function readBuildPlan(buildFolder: string, packages: readonly string[]): Promise<PlannedComponent[]> {
  const plan = await readJson(join(buildFolder, 'cache', 'plan.json'), Plan);
  const wanted = new Set(packages);
  return (plan?.['install-plan'] ?? [])
    .filter((entry) => entry.type === 'configured' && entry.style === 'local' && wanted.has(entry['pkg-name']))
    .flatMap((entry) => componentsOf(entry, buildFolder));
}

function componentsOf(entry: z.infer<typeof PlanEntry>, buildFolder: string): PlannedComponent[] {
  const distDir = entry['dist-dir'];
  if (distDir === undefined) return [];
  const listed: [string, string | undefined][] =
    entry.components !== undefined
      ? Object.entries(entry.components).map(([name, component]) => [name, component['bin-file']])
      : [[entry['component-name'] ?? 'lib', entry['bin-file']]];
  return listed
    .filter(([name]) => name !== 'setup')
    .map(([fullName, binFile]) => {
      const [kind = 'lib', name = entry['pkg-name']] = fullName.split(':');
      return {
        package: entry['pkg-name'],
        packageVersion: entry['pkg-version'],
        kind,
        name,
        binFile,
        distDir,
        id: entry.id,
        sourceDir: entry['pkg-src']?.path,
        buildFolder,
      };
    });
}
