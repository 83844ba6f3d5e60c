import { ExactVersion, MachineName } from '@build-machines/protocol';
import { z } from 'zod';

/** Options that every target of a Haskell project has: where it runs, with what, and what is passed on. */
export const HaskellOptions = z.strictObject({
  machine: MachineName.optional().describe(
    'Build machine to use. Default: the one machine of the workspace; with several, one that the State Hub leases.',
  ),
  labels: z
    .record(z.string(), z.string())
    .optional()
    .describe(
      'Where no machine is named: labels of machine.yml that it must have, such as {"site": "lab"}. The machines that have them must be alike: the same toolchain, system and image.',
    ),
  ghc: ExactVersion.optional().describe(
    'Exact GHC version. Default: the first of toolchains.ghc in machine.yml, else what machine.lock holds.',
  ),
  cabal: ExactVersion.optional().describe('Exact cabal-install version. Default: as for ghc.'),
  args: z.array(z.string()).default([]).describe('Further arguments for cabal, one item each; never read by a shell.'),
  env: z
    .array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/))
    .default([])
    .describe(
      'Names of environment variables that are passed to the machine. A target that is cached must have each as an {"env": …} input too; the option "env" of the plugin adds both.',
    ),
  gitInfo: z
    .boolean()
    .optional()
    .describe(
      'true: the run finds a .git with the commit that is checked out, its branch, its tags, and whether there are changes, for programs that ask git when they are compiled (githash, gitrev). It has no history, as a shallow clone of depth 1. A target that is cached must have it as an input too, which the option "gitInfo" of the plugin adds; then each commit and each first change builds anew.',
    ),
  timeoutSeconds: z.number().positive().optional().describe('Cancel the run after this many seconds. Default: never.'),
});
export type HaskellOptions = z.infer<typeof HaskellOptions>;

/** Options of the targets that run cabal on one or several packages and keep a record. */
export const CabalTaskOptions = HaskellOptions.extend({
  packages: z
    .array(z.string())
    .optional()
    .describe("Cabal packages to act on. Default: the project's own. Meant for projects that hold no package."),
  artifacts: z
    .enum(['lazy', 'eager'])
    .default('lazy')
    .describe(
      'eager: bring the artifacts into dist/remote/<project> at once, though not on a cache hit; lazy (default): leave that to fetch-artifacts, which restores them on a hit too.',
    ),
  artifactsMaxMiB: z
    .number()
    .positive()
    .default(2048)
    .describe(
      "How much the artifacts of one project may take here, in MiB; more is refused. It keeps a broken or hostile machine from filling this computer's disk, of which 64 MiB stay free in any case.",
    ),
  accept: z
    .union([z.boolean(), z.string().min(1)])
    .optional()
    .describe(
      'Bring what the run creates or changes beside its sources, such as golden files, into the workspace: all of the package, or what matches a glob. Files that were edited here meanwhile are left alone. Only with --skip-nx-cache: an answer from the cache brings nothing.',
    ),
});
export type CabalTaskOptions = z.infer<typeof CabalTaskOptions>;
