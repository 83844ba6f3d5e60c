import { z } from 'zod';
import { InstalledTool } from './toolchain.js';

/** The one capability type of this product in a State Hub's catalog. */
export const CAPABILITY_TYPE = 'haskell-build-agent';

/** Where the agent finds the hub on its own loopback interface: the far end of `-L 18000:localhost:<hub>`. */
export const HUB_FORWARD_PORT = 18000;

/** What a machine says of itself reaches the hub's disk and people's terminals: it is short, and moves no cursor. */
const Said = z
  .string()
  .max(256)
  .regex(/^\P{Cc}*$/u, 'must be text without control characters');

/** A machine's tools; GHCup keeps every compiler that it ever installed. */
const Tools = z.array(InstalledTool).max(256);

/**
 * What a machine says of itself, `POST /capability-catalog/` with its bearer token. Registering again under the same
 * name replaces the entry when `machine_id` is the same or the old entry is not `ready`; otherwise 409
 * `machine-session-conflict`. A `machine_id` that stands on the entry of another name is refused, with 409
 * `machine-id-taken` where that machine is silent; a name that is not the token's, with 403 `access-denied`.
 */
export const CapabilityRegistration = z.object({
  capability_type: z.literal(CAPABILITY_TYPE),
  name: Said,
  machine_id: Said,
  tunnel_port: z.number().int(),
  agent_version: Said,
  protocol: z.number().int(),
  hostname: Said,
  os: Said,
  arch: Said,
  cpus: z.number().int(),
  memory_bytes: z.number(),
  toolchains: Tools,
  labels: z.record(Said, Said).refine((labels) => Object.keys(labels).length <= 64, 'must be 64 labels at most'),
  slots: z.number().int(),
});
export type CapabilityRegistration = z.infer<typeof CapabilityRegistration>;

/** What changes from minute to minute, `POST /capability-catalog/{id}/heartbeat`. */
export const CapabilityHeartbeat = z.object({
  machine_id: Said,
  load: z.number(),
  disk_free_bytes: z.number(),
  slots_busy: z.number().int(),
  queued: z.number().int(),
  clock: z.iso.datetime().describe("The machine's clock at sending; the hub measures the skew."),
  toolchains: Tools.optional().describe('Sent when the set of tools changed.'),
});
export type CapabilityHeartbeat = z.infer<typeof CapabilityHeartbeat>;

/** `ready`: heartbeats arrive. `stale`: one TTL without. `gone`: three TTLs without; never offered. */
export const CapabilityState = z.enum(['ready', 'stale', 'gone']);
export type CapabilityState = z.infer<typeof CapabilityState>;

/** An entry of `GET /capability-catalog/`. */
export const CapabilityEntry = CapabilityRegistration.extend({
  id: z.string(),
  state: CapabilityState,
  ttl_seconds: z.number(),
  registered_at: z.iso.datetime(),
  last_heartbeat_at: z.iso.datetime(),
  load: z.number().nullable(),
  disk_free_bytes: z.number().nullable(),
  slots_busy: z.number().int().nullable(),
  clock_skew_ms: z.number().nullable(),
});
export type CapabilityEntry = z.infer<typeof CapabilityEntry>;

/** The answer to a registration. */
export const RegistrationAnswer = z.object({ id: z.string(), ttl_seconds: z.number(), heartbeat_seconds: z.number() });
export type RegistrationAnswer = z.infer<typeof RegistrationAnswer>;

/**
 * What the holder of a lease shows to the machine. Fences of a machine only grow: in one slot, whoever shows a smaller
 * one than the machine has seen lost the lease, and is refused with 410 `lease-superseded`.
 */
export const LeaseFence = z.object({ slot: z.number().int().nonnegative(), fence: z.number().int().positive() });
export type LeaseFence = z.infer<typeof LeaseFence>;

/** The part of a heartbeat's answer that machines act on. A hub without leases leaves it out. */
export const LiveLeases = z.object({ leases: z.array(LeaseFence).default([]) });
