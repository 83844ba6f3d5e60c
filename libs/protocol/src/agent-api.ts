import { z } from 'zod';
import { PROTOCOL_VERSION, RunState, WorkspaceIdentity } from './runs.js';
import { InstalledTool, ResolvedToolchain } from './toolchain.js';
import { MachineTraits } from './traits.js';
import { Sha256 } from './tree.js';

/**
 * The agent's HTTP API, spoken over a Unix socket (0600) that a client reaches through SSH only.
 *
 * | request | answer |
 * | --- | --- |
 * | `GET /v1/alive` | `{}`, at once: nothing is asked of disks or programs |
 * | `GET /v1/info` | {@link AgentInfo} |
 * | `POST /v1/blobs/missing` {@link MissingBlobsRequest} | {@link MissingBlobsAnswer} |
 * | `POST /v1/runs` framed RunRequest | 200 NDJSON of RunEvent, headers `x-run-origin` and, for `started`, `x-sync` (`applied` or `received`) |
 * | `GET /v1/runs` | {@link RunList} |
 * | `GET /v1/runs/{runId}/events?from={seq}` | 200 NDJSON of RunEvent; 404 `run-unknown` |
 * | `POST /v1/runs/{runId}/cancel` {@link CancelRequest} | 202 `{}`; 404 `run-unknown`; cancelling a finished run is 202 |
 * | `POST /v1/sessions` framed RunRequest | {@link SessionTicket} |
 * | `POST /v1/artifacts` {@link ArtifactsRequest} | 200 tar, members named by SHA-256; 404 `artifact-lost` + details.missing |
 * | `POST /v1/tools` {@link ToolInstallRequest} | 200 NDJSON of RunEvent |
 * | `POST /v1/hold` | 200 with the line `{}`, when nothing goes on; nothing new begins while the connection stays open. 409 `agent-busy` ({@link BusyDetails}) |
 *
 * Errors are ErrorBody. `POST /v1/runs` and `/v1/sessions` answer 409 `base-mismatch` (details.have: the digests of the lists that it
 * remembers, the latest first) when it does not remember `base`, and 409 `content-missing` (details.missing: digests) when content is neither sent nor known; 422 `toolchain-missing`,
 * `machine-changed` (409, details.traits: those that the run would see), `path-refused`, `content-changed` (details.path: a file did not match its digest); 410 `lease-superseded`; 507 `disk-full`;
 * 400 `request-malformed`; 426 `protocol-mismatch`. The mirror is untouched after each of them.
 */
export const AgentInfo = z.object({
  protocol: z.literal(PROTOCOL_VERSION),
  version: z.string(),
  name: z.string().describe("The machine's name, as in machine.yml."),
  hostname: z.string(),
  machineId: z.string().describe('Made at first boot: two machines from one image differ.'),
  os: z.string(),
  arch: z.string(),
  cpus: z.number().int(),
  memoryBytes: z.number(),
  diskFreeBytes: z.number(),
  load: z.number().describe('One-minute load average.'),
  now: z.iso.datetime().describe("The machine's clock, for measuring skew."),
  startedAt: z.iso.datetime(),
  home: z.string().describe("Home folder of the builder account's runs."),
  slots: z.object({ total: z.number().int(), busy: z.number().int(), queued: z.number().int() }),
  tools: z.array(InstalledTool),
  defaultToolchain: ResolvedToolchain.describe('What a run gets that asks for no version; goes into machine.lock.'),
  traits: MachineTraits.describe('What a build can see of the machine; goes into machine.lock.'),
  labels: z.record(z.string(), z.string()),
  hub: z.object({
    state: z.enum(['registering', 'registered', 'unreachable', 'rejected', 'disabled']),
    lastHeartbeatAt: z.iso.datetime().nullable(),
    detail: z.string().nullable(),
  }),
});
export type AgentInfo = z.infer<typeof AgentInfo>;

/**
 * Asks which contents would have to be sent. The agent looks in the workspace's mirror, other mirrors of the same user, what
 * has arrived for runs that wait for one of these, and its attic.
 */
export const MissingBlobsRequest = z.object({ workspace: WorkspaceIdentity, digests: z.array(Sha256) });
export type MissingBlobsRequest = z.infer<typeof MissingBlobsRequest>;
export const MissingBlobsAnswer = z.object({ missing: z.array(Sha256) });
export type MissingBlobsAnswer = z.infer<typeof MissingBlobsAnswer>;

export const RunSummary = z.object({
  runId: Sha256,
  label: z.string(),
  state: RunState,
  workspace: WorkspaceIdentity,
  queuedAt: z.iso.datetime(),
});
export type RunSummary = z.infer<typeof RunSummary>;
export const RunList = z.object({ runs: z.array(RunSummary) });
export type RunList = z.infer<typeof RunList>;

/** Something that a machine does for somebody, and that would be lost if the machine ended now. */
export const Activity = z.object({
  kind: z.enum(['run', 'session', 'installation']),
  label: z.string().describe('For people: the Nx task, or what is installed.'),
  user: z.string().describe('Login name on the workstation; of an installation, the account on the machine.'),
  workspace: z.string().nullable().describe('Id of the workspace; null where it belongs to none.'),
  since: z.iso.datetime(),
});
export type Activity = z.infer<typeof Activity>;

/** Details of the error `agent-busy`. No activity: another command holds the machine. */
export const BusyDetails = z.object({ activities: z.array(Activity) });
export type BusyDetails = z.infer<typeof BusyDetails>;

export const CancelRequest = z.object({
  reason: z.string().max(512),
  client: z.uuid().optional().describe('Who cancels. A run that another client asked for too goes on for that one.'),
  deadClients: z.array(z.uuid()).max(1000).optional().describe('As in a request for a run.'),
});
export type CancelRequest = z.infer<typeof CancelRequest>;

/**
 * A prepared interactive command. The client runs `command` verbatim over an SSH exec channel (with or without a PTY);
 * it is made by the agent from its own install path and a random identifier, so nothing of a user's reaches a shell.
 */
export const SessionTicket = z.object({ sessionId: z.string(), command: z.string(), mirrorRoot: z.string() });
export type SessionTicket = z.infer<typeof SessionTicket>;

export const ArtifactsRequest = z.object({ digests: z.array(Sha256).min(1) });
export type ArtifactsRequest = z.infer<typeof ArtifactsRequest>;

/** Installs a compiler (through GHCup where the machine has it) or system packages (apt, through sudo). */
export const ToolInstallRequest = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ghc'), version: z.string().regex(/^\d+(\.\d+)*$/) }),
  z.object({ kind: z.literal('apt'), packages: z.array(z.string().regex(/^[a-z0-9][a-z0-9+.-]*$/)).min(1) }),
]);
export type ToolInstallRequest = z.infer<typeof ToolInstallRequest>;
