import { readFile } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { BuildMachinesError, CatalogMapping, MachineName, ToolName } from '@build-machines/protocol';
import { z } from 'zod';

const AbsolutePath = z.string().refine((path) => isAbsolute(path), 'must be an absolute path');

/** Longest path of a Unix socket on Linux, in bytes (unix(7): 108 with the ending NUL). */
const SOCKET_PATH_MAX = 107;

/** The agent's configuration file. Unknown keys are errors, so that a typing mistake never passes for a default. */
export const AgentConfig = z.strictObject({
  name: MachineName.describe("The machine's name, as in machine.yml."),
  stateDir: AbsolutePath.describe('Folder (0700) for mirrors, run records, artifacts; on one filesystem.'),
  socket: AbsolutePath.refine(
    (path) => Buffer.byteLength(path) <= SOCKET_PATH_MAX,
    `must not be longer than ${SOCKET_PATH_MAX} bytes, the bound of Unix sockets`,
  ).describe('Unix socket (0600) that clients reach through SSH.'),
  home: AbsolutePath.describe('HOME of runs: where cabal keeps its store and GHCup its compilers.'),
  slots: z.number().int().min(1).max(64).default(1).describe('Runs at a time; default 1.'),
  labels: z.record(z.string(), z.string()).default({}).describe('For choosing machines; see machine.yml.'),
  tools: z
    .strictObject({
      searchPaths: z.array(AbsolutePath).default([]).describe('Further folders to look for compilers and cabal in.'),
      explicit: z
        .array(z.strictObject({ tool: ToolName, path: AbsolutePath }))
        .default([])
        .describe('Executables that no search would find.'),
    })
    .prefault({}),
  hub: z
    .strictObject({
      url: z.url().describe('The State Hub as seen from here, usually http://localhost:18000.'),
      tokenFile: AbsolutePath.describe("File (0600) with the machine's bearer token."),
      tunnelPort: z.number().int().min(1).max(65535).describe("The machine's port on the workstation."),
      catalog: CatalogMapping.nullable()
        .default(null)
        .describe('How an existing hub lays out its catalog, by machine.yml; null: the embedded one, which is known.'),
    })
    .nullable()
    .default(null),
  heartbeatSeconds: z.number().positive().optional().describe('Default: what the hub says.'),
  detachedSeconds: z
    .number()
    .positive()
    .default(1800)
    .describe(
      'A run that nobody follows for this long is cancelled; default 1800. Shorter loses runs to link failures.',
    ),
  limits: z
    .strictObject({
      logBytes: z
        .number()
        .int()
        .min(1024)
        .default(64 * 1024 ** 2)
        .describe('Kept output of one run; default 64 MiB.'),
      atticBytes: z
        .number()
        .int()
        .min(0)
        .default(4 * 1024 ** 3)
        .describe('Earlier file contents per user; 4 GiB.'),
      artifactBytes: z
        .number()
        .int()
        .min(0)
        .default(16 * 1024 ** 3)
        .describe('Artifact store; 16 GiB.'),
      keepRuns: z.number().int().min(1).default(200).describe('Records of finished runs kept; default 200.'),
    })
    .prefault({}),
});
export type AgentConfig = z.infer<typeof AgentConfig>;

/** The configuration file is missing or wrong. */
export class AgentConfigError extends BuildMachinesError {
  readonly code = 'agent-config-invalid';
}

/** @throws AgentConfigError naming the file, each wrong key, and what it should hold. */
export async function loadAgentConfig(file: string): Promise<AgentConfig> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new AgentConfigError(`${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, {
      hint: 'Give --config the JSON file that agent/README.md describes.',
      cause,
    });
  }
  const config = AgentConfig.safeParse(parsed);
  if (config.success) return config.data;
  throw new AgentConfigError(`${file} is not a valid configuration:\n${z.prettifyError(config.error)}`, {
    hint: 'Correct these keys; agent/README.md describes each.',
  });
}
