import { z } from 'zod';

const NOT_EXACT = 'must be an exact version such as 9.8.4 (quote it in YAML: "9.8.4")';

/** An exact version: all its numeric components, as `ghc --numeric-version` prints it (`9.8.4`, `3.10.3.0`). */
export const ExactVersion = z
  // A version of two components is a number in YAML and on Nx's command line.
  .string({ error: ({ input }) => (typeof input === 'number' ? NOT_EXACT : undefined) })
  .max(64)
  .regex(/^\d+(\.\d+){1,4}$/, NOT_EXACT);

/** The tools that the agent looks for and reports. */
export const ToolName = z.enum(['ghc', 'cabal', 'stack', 'haskell-language-server']);
export type ToolName = z.infer<typeof ToolName>;

/** One tool as found on a machine. */
export const InstalledTool = z.object({
  tool: ToolName,
  version: ExactVersion,
  path: z
    .string()
    .max(4096)
    .regex(/^\P{Cc}*$/u, 'must be a path without control characters')
    .describe('Absolute path of the executable on the machine.'),
});
export type InstalledTool = z.infer<typeof InstalledTool>;

/** What a run asks for. An absent tool means: the machine's default (the newest that it has, or what PATH finds). */
export const ToolchainRequest = z.object({
  ghc: ExactVersion.optional(),
  cabal: ExactVersion.optional(),
});
export type ToolchainRequest = z.infer<typeof ToolchainRequest>;

/** The exact tools that a run used; part of its identity. */
export const ResolvedToolchain = z.object({
  ghc: InstalledTool.optional(),
  cabal: InstalledTool.optional(),
});
export type ResolvedToolchain = z.infer<typeof ResolvedToolchain>;
