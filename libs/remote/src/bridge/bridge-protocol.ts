import { AgentInfo, ErrorBody } from '@build-machines/protocol';
import { z } from 'zod';
import { BridgePorts } from './bridge-options.js';

/** Version of what is spoken on the bridge's socket. A client of another version goes around the bridge. */
export const BRIDGE_PROTOCOL = 1;

/**
 * HTTP on the bridge's Unix socket. Only the user's own processes reach it.
 *
 * | request | answer |
 * | --- | --- |
 * | `GET /identity` | {@link BridgeIdentity} |
 * | `GET /status` | {@link BridgeReport}, after asking every machine |
 * | `POST /stop?relay=keep` or `=end` | 202; the bridge ends, and leaves its relay standing or not |
 * | `POST /retire?relay=keep` or `=end` | the same while it works for nobody; else 409 `bridge-busy`, {@link BridgeBusyDetails} |
 * | any `/machines/{name}/agent{path}` | the agent's answer to `{path}`; or 502, {@link BRIDGE_ERROR} and ErrorBody |
 */
export const BridgeIdentity = z.object({
  pid: z.number().int(),
  /** Digest of the program. */
  version: z.string(),
  startedAt: z.iso.datetime(),
  ports: BridgePorts,
  protocol: z.number().int().default(1),
  /** Release of the plugin that it belongs to. */
  release: z.string().default('0.0.0'),
  /** Absolute path of the program. */
  bundle: z.string().default(''),
});
export type BridgeIdentity = z.infer<typeof BridgeIdentity>;

/** Details of the error `bridge-busy`: what the bridge does for somebody, for people. */
export const BridgeBusyDetails = z.object({ activities: z.array(z.string()) });
export type BridgeBusyDetails = z.infer<typeof BridgeBusyDetails>;

/** How one machine is, seen from here. */
export const MachineReport = z.object({
  name: z.string(),
  sshHost: z.string(),
  sshPort: z.number().int(),
  /** Whether something listens where the machine's SSH is reached. */
  listening: z.boolean(),
  /** Whether SSH with the pinned host key and the build key works; `error` says why not. */
  sshOk: z.boolean(),
  agent: AgentInfo.nullable(),
  /** Time of one request to the agent over an open connection, in milliseconds. */
  latencyMs: z.number().nullable(),
  error: ErrorBody.nullable(),
});
export type MachineReport = z.infer<typeof MachineReport>;

export const BridgeReport = z.object({
  bridge: BridgeIdentity,
  relay: z.object({ port: z.number().int(), hostKey: z.string(), answering: z.boolean() }),
  hub: z.object({ url: z.string(), answering: z.boolean() }),
  machines: z.array(MachineReport),
  /** What went wrong in the background lately, newest last. */
  notes: z.array(z.object({ at: z.iso.datetime(), text: z.string() })),
});
export type BridgeReport = z.infer<typeof BridgeReport>;

/** Response header that marks an error of the way to the machine, as opposed to the agent's own. */
export const BRIDGE_ERROR = 'x-bridge-error';

/** Header of the daemon's start message over its IPC channel. */
export const StartMessage = z.union([z.object({ ready: BridgeIdentity }), z.object({ failed: ErrorBody })]);
export type StartMessage = z.infer<typeof StartMessage>;
