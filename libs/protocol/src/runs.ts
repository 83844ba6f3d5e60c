import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ArtifactManifest, ArtifactRequest } from './artifacts.js';
import { ErrorBody } from './errors.js';
import { LeaseFence } from './hub-api.js';
import { ResolvedToolchain, ToolchainRequest } from './toolchain.js';
import { Sha256, TreeEntry, TreePath } from './tree.js';
import { NOTHING_WRITTEN, WrittenFiles } from './written-files.js';

/** Version of everything in this library that crosses a wire. Client and agent must agree; raised on every break. */
export const PROTOCOL_VERSION = 2;

/** Whose mirror a request speaks of. Two workspaces, or two users of one, never share a mirror. */
export const WorkspaceIdentity = z.object({
  id: z.uuid().describe("The uuid in the workspace's git-ignored state folder."),
  user: z.string().min(1).max(256).describe('Login name on the workstation.'),
});
export type WorkspaceIdentity = z.infer<typeof WorkspaceIdentity>;

/**
 * Makes the tree that the command sees exactly a list of entries. Lists are named by their {@link treeDigest}. Both ends
 * remember the last list of each label, so that a request holds what changed, whichever task's list the mirror has now.
 */
export const SyncRequest = z.object({
  base: Sha256.nullable().describe('A list that the machine is believed to remember; null: entries are complete.'),
  target: Sha256.describe('Digest of the complete list.'),
  entries: z.array(TreeEntry).describe('Entries that differ from the base (all entries where base is null).'),
  removed: z.array(TreePath).describe('Paths of the base that are not in the list; empty where base is null.'),
});
export type SyncRequest = z.infer<typeof SyncRequest>;

/** Where the sources of a package lie in the tree. */
export const PackageSources = z.object({
  roots: z.array(z.union([z.literal('.'), TreePath])).describe('Folders, with all below them; "." is the workspace.'),
  files: z.array(TreePath).describe('Single files outside the roots.'),
});
export type PackageSources = z.infer<typeof PackageSources>;

/** A package of whose earlier outputs a command makes use, and what they were made from. */
export const ReusedPackage = z.object({
  name: TreePath.refine((name) => !name.includes('/'), 'must be the name of a folder').describe(
    'Name and version, as the build tool names the folder of its outputs: app-1.0.',
  ),
  sources: PackageSources.describe("The package's folder, and what it reads outside of it."),
  needs: z
    .array(z.string())
    .describe('Packages that it needs directly; those that are not in the same list are ignored.'),
  anyModule: z.boolean().describe('Whether any of its modules may read any file; else the text of a module says so.'),
  ownSetup: z
    .boolean()
    .default(false)
    .describe(
      'Whether its build-type is not Simple: its outputs then depend on files that configuring wrote into its folder.',
    ),
  ownLibraries: z
    .array(z.union([z.literal('.'), TreePath]))
    .default([])
    .describe('Source folders of its libraries that other components of it use.'),
  strictness: z
    .string()
    .optional()
    .describe('What decides which warnings are errors in it. Compilers do not compile again where only that changed.'),
});
export type ReusedPackage = z.infer<typeof ReusedPackage>;

/**
 * What earlier commands built and this command reuses. Build tools look only at the files that they know of; what else
 * may have gone into the outputs is compared by the agent, which removes outputs that could have changed before the
 * command runs. See docs/decisions/0011-outputs-that-are-not-trusted.md.
 */
export const ReusedOutputs = z.object({
  folder: TreePath.describe('Where they lie, as <folder>/<platform>/<compiler>/<package>.'),
  packages: z.array(ReusedPackage),
  strictness: z.string().optional().describe('The same, for all of the packages, by the arguments of the command.'),
});
export type ReusedOutputs = z.infer<typeof ReusedOutputs>;

/** The command to run in the mirror. No part of it ever passes through a shell. */
export const RunCommand = z.object({
  label: z.string().max(512).describe('For people: the Nx task, such as my-app:remote-build.'),
  prepare: z
    .array(z.array(z.string()).min(1))
    .default([])
    .describe('Commands to run first, in the same folder (hpack, for example); the first that fails ends the run.'),
  argv: z.array(z.string()).min(1),
  cwd: z.union([z.literal('.'), TreePath]).describe('Working folder inside the mirror.'),
  env: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.string()).describe('Added to the clean environment.'),
  toolchain: ToolchainRequest,
  traits: Sha256.optional().describe(
    'Digest of the traits that the machine must have for these tools, before and after; absent: any (see traits.ts).',
  ),
  artifacts: ArtifactRequest.nullable(),
  outputs: ReusedOutputs.optional().describe('What it reuses of earlier builds; absent: nothing.'),
  timeoutSeconds: z.number().positive().optional().describe('The run is cancelled after this long; absent: never.'),
  reuse: z.boolean().describe('Answer from the record of an identical, successful run, if there is one.'),
});
export type RunCommand = z.infer<typeof RunCommand>;

/** JSON header of `POST /v1/runs` and `POST /v1/sessions`; the contents of changed files follow it, see framing.ts. */
export const RunRequest = z.object({
  protocol: z.literal(PROTOCOL_VERSION),
  workspace: WorkspaceIdentity,
  sync: SyncRequest,
  command: RunCommand,
  lease: LeaseFence.optional().describe('The lease that the run has on the machine; absent: placed without a hub.'),
  client: z.uuid().optional().describe('Made anew by each command of the workstation that asks for a run.'),
  deadClients: z
    .array(z.uuid())
    .max(1000)
    .optional()
    .describe('Clients of this workspace whose process is known to have ended: nobody comes back for their runs.'),
  join: z
    .boolean()
    .optional()
    .describe('Only attach to a run that is there, or answer from its record; else `run-unknown`. Needs no lease.'),
});
export type RunRequest = z.infer<typeof RunRequest>;

/** States of a run; `succeeded`, `failed`, `cancelled` and `lost` are final. `lost`: the agent died under it. */
export const RunState = z.enum([
  'syncing',
  'queued',
  'running',
  'collecting',
  'succeeded',
  'failed',
  'cancelled',
  'lost',
]);
export type RunState = z.infer<typeof RunState>;

/** How a run ended. Durations in milliseconds. */
export const RunResult = z.object({
  runId: Sha256,
  outcome: z.enum(['succeeded', 'failed', 'cancelled', 'lost']),
  exitCode: z.number().int().nullable().describe('Exit status of the command; null when a signal ended it.'),
  signal: z.string().nullable(),
  reason: z
    .string()
    .nullable()
    .describe('Why it was cancelled or lost, or failed though the command did not, for people.'),
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
  durations: z.object({ sync: z.number(), queue: z.number(), run: z.number(), collect: z.number() }),
  usage: z
    .object({ cpuSeconds: z.number(), maxRssBytes: z.number() })
    .nullable()
    .describe('Sampled over the process group; null when the run was too short to sample.'),
  toolchain: ResolvedToolchain,
  artifacts: ArtifactManifest.nullable(),
  written: WrittenFiles.default(NOTHING_WRITTEN),
  received: z.object({ files: z.number(), bytes: z.number(), removed: z.number() }),
  logTruncated: z.boolean(),
});
export type RunResult = z.infer<typeof RunResult>;

/**
 * One line of a run's event stream (NDJSON). `seq` counts from 0 without gaps in the log of one run, so a client that
 * lost its connection asks for what follows the last one it saw. `keepalive` has none: it is not part of the log.
 */
export const RunEvent = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('accepted'),
    seq: z.number(),
    runId: Sha256,
    mirrorRoot: z.string().describe('Absolute path of the mirror on the machine, for mapping paths in output.'),
    toolchain: ResolvedToolchain,
  }),
  z.object({ type: z.literal('state'), seq: z.number(), state: RunState, detail: z.string().optional() }),
  z.object({ type: z.literal('output'), seq: z.number(), stream: z.enum(['stdout', 'stderr']), text: z.string() }),
  z.object({ type: z.literal('finished'), seq: z.number(), result: RunResult }),
  z.object({ type: z.literal('keepalive') }),
  z.object({ type: z.literal('error'), error: ErrorBody }),
]);
export type RunEvent = z.infer<typeof RunEvent>;

/** How the agent took a run; sent as the response header `x-run-origin` of `POST /v1/runs`. */
export const RunOrigin = z.enum(['started', 'attached', 'reused']);
export type RunOrigin = z.infer<typeof RunOrigin>;

/** Where the sync of a run that was started stood when it was answered: in the mirror, or waiting for its lock. */
export const SyncStage = z.enum(['applied', 'received']);
export type SyncStage = z.infer<typeof SyncStage>;

/**
 * Identity of a run: the digest of all that can change its answer. The tree digest covers all that it sees; the
 * toolchain is the resolved one, so that an upgrade of the machine's default compiler is a new identity. The label, the
 * timeout, `outputs`, `reuse`, the lease and the clients do not take part.
 */
export function runIdentity(
  workspace: WorkspaceIdentity,
  treeDigest: string,
  command: RunCommand,
  toolchain: ResolvedToolchain,
): string {
  const sortedEnv = Object.entries(command.env).sort(([a], [b]) => (a < b ? -1 : 1));
  const identity = [
    PROTOCOL_VERSION,
    [workspace.id, workspace.user],
    treeDigest,
    [command.prepare, command.argv, command.cwd, sortedEnv, command.artifacts],
    [toolchain.ghc?.version, toolchain.ghc?.path, toolchain.cabal?.version, toolchain.cabal?.path],
    command.traits,
  ];
  return createHash('sha256').update(JSON.stringify(identity)).digest('hex');
}
