import { describeIssue } from '@build-machines/machines';
import { ExactVersion, MachineName } from '@build-machines/protocol';
import { z } from 'zod';
import { PluginOptionsError } from './graph-errors.js';

const targetName = (name: string, what: string) =>
  z.string().min(1).default(name).describe(`Name of the target that ${what}.`);

/** Names of the inferred targets of Haskell packages. */
export const TargetNames = z.strictObject({
  build: targetName('remote-build', 'compiles the package on a build machine'),
  test: targetName('remote-test', 'builds and runs its test suites'),
  bench: targetName('remote-bench', 'builds and runs its benchmarks'),
  haddock: targetName('remote-haddock', 'builds its API documentation'),
  fetch: targetName('fetch-artifacts', 'brings what was built to this computer'),
  ghci: targetName('remote-ghci', 'opens GHCi on a build machine'),
  run: targetName('remote-run', 'runs an executable of the package on a build machine'),
  watch: targetName('remote-watch', 'reloads a warm GHCi on every save'),
});
export type TargetNames = z.infer<typeof TargetNames>;

/** Options of the plugin's entry in nx.json. */
export const PluginOptions = z.strictObject({
  targetNames: TargetNames.prefault({}).describe('Names of the inferred targets; those left out keep their default.'),
  targetPrefix: z.string().default('').describe('Put before the name of every inferred target of a Haskell package.'),
  machine: MachineName.optional().describe(
    'Machine that all packages use. Default: the one machine of the workspace; with several, one that the State Hub leases.',
  ),
  ghc: ExactVersion.optional().describe('Exact GHC version for all packages. Default: what the machine defines.'),
  cabal: ExactVersion.optional().describe('Exact cabal-install version for all packages. Default: as for ghc.'),
  env: z
    .array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/))
    .default([])
    .describe('Environment variables that are passed to the machine. Their values become inputs of the cache.'),
  gitInfo: z
    .boolean()
    .default(false)
    .describe(
      'true: builds find a .git with the commit, its branch, its tags, and whether there are changes (githash, gitrev). These become inputs of the cache of every package: each commit builds anew. To give it to some packages only, set the option and the input in their project.json.',
    ),
  atomizeTests: z.boolean().default(true).describe('Whether each test suite also gets a target of its own.'),
  exactInputs: z
    .boolean()
    .optional()
    .describe('Without effect: every file of a package counts, as it did with false. Remove it.'),
});
export type PluginOptions = z.infer<typeof PluginOptions>;

/**
 * Checks the options of the plugin.
 * @throws PluginOptionsError that names the option and what is allowed
 */
export function parsePluginOptions(options: unknown): PluginOptions {
  const parsed = PluginOptions.safeParse(options ?? {}, { reportInput: true });
  if (!parsed.success) {
    const issues = parsed.error.issues.flatMap((issue) => describeIssue(PluginOptions, issue));
    throw new PluginOptionsError(
      issues.map(({ message }) => message),
      issues.map(({ fix }) => fix),
    );
  }
  requireDifferent(parsed.data.targetNames);
  return parsed.data;
}

/** Of two targets of one name, one would silently not exist. */
function requireDifferent(names: TargetNames): void {
  const keys = new Map<string, string>();
  for (const [key, name] of Object.entries(names)) {
    const other = keys.get(name);
    if (other !== undefined)
      throw new PluginOptionsError(
        [`"targetNames.${other}" and "targetNames.${key}" are both "${name}"`],
        ['Give each target a name of its own.'],
      );
    keys.set(name, key);
  }
}

/** The target names in use, prefix included. */
export function effectiveNames(options: PluginOptions): TargetNames {
  const entries = Object.entries(options.targetNames).map(([key, name]) => [key, `${options.targetPrefix}${name}`]);
  return TargetNames.parse(Object.fromEntries(entries));
}
