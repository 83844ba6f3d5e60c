import { ExactVersion } from '@build-machines/protocol';
import { z } from 'zod';

/** What a machine must be for a lease. An absent requirement is met by every machine. */
export const Requirements = z.object({
  machine: z.string().optional().describe('This one machine and no other.'),
  machines: z.array(z.string()).min(1).max(1000).optional().describe('One of these: those of one workspace.'),
  ghc: ExactVersion.optional(),
  cabal: ExactVersion.optional(),
  os: z.string().optional(),
  arch: z.string().optional(),
  labels: z.record(z.string(), z.string()).default({}),
  avoid: z.array(z.string()).max(100).default([]).describe('Not these machines: the last try failed there.'),
});
export type Requirements = z.output<typeof Requirements>;

/**
 * The process that a lease is for. A hub on the same computer ends the lease when that process is no more; any other
 * hub cannot see it, and goes by renewals alone.
 */
export const LeaseHolder = z.object({
  host: z.string().max(128).describe('The boot and the process namespace in which the other two mean something.'),
  pid: z.number().int().positive(),
  started: z.string().max(32).describe('When it started, in ticks since the boot.'),
});
export type LeaseHolder = z.infer<typeof LeaseHolder>;

/** `POST /leases`. Sending it again with the same id changes nothing and answers with the ticket as it is by then. */
export const LeaseRequest = z.object({
  id: z.uuid().describe('Made by the client, so that a request whose answer was lost can be repeated.'),
  user: z.string().min(1).max(256).optional().describe('On whose behalf. Only an admin token may name another user.'),
  label: z.string().max(512).describe('For people: the Nx task, such as my-app:remote-build.'),
  requirements: Requirements.default({ labels: {}, avoid: [] }),
  prefer: z.array(z.string()).max(16).default([]).describe('Machines to take if they are free: their mirror is warm.'),
  holder: LeaseHolder.optional(),
  lease_seconds: z.number().min(5).max(3600).default(60).describe('How long the lease lasts without being renewed.'),
});
export type LeaseRequest = z.input<typeof LeaseRequest>;

/** Why a ticket ended. */
export const LeaseEndReason = z.enum([
  'released',
  'expired',
  'cancelled',
  'abandoned',
  'revoked',
  'holder-died',
  'machine-gone',
  'machine-replaced',
]);
export type LeaseEndReason = z.infer<typeof LeaseEndReason>;

/** The right to one slot of one machine, until it expires. */
export const Lease = z.object({
  id: z.uuid(),
  user: z.string(),
  label: z.string(),
  machine: z.string(),
  machine_id: z.string(),
  slot: z.number().int().nonnegative(),
  fence: z
    .number()
    .int()
    .positive()
    .describe('Grows with each lease on the machine. Whoever sees a larger one refuses this one.'),
  granted_at: z.iso.datetime(),
  expires_at: z.iso.datetime(),
  lease_seconds: z.number(),
  waited_seconds: z.number(),
});
export type Lease = z.infer<typeof Lease>;

/** A request that waits, and why. */
export const WaitingRequest = z.object({
  id: z.uuid(),
  user: z.string(),
  label: z.string(),
  requirements: Requirements,
  enqueued_at: z.iso.datetime(),
  position: z.number().int().positive().describe('1: next on the machines that fit.'),
  expected_wait_seconds: z.number().nullable().describe('From how long leases lasted lately; null: nothing to go by.'),
  reasons: z.array(z.string()).describe('One per machine that fits: why it is not given now.'),
  absent: z.boolean().default(false).describe('No machine that fits is there at all now.'),
});
export type WaitingRequest = z.infer<typeof WaitingRequest>;

/** The answer to everything about one lease request. */
export const LeaseTicket = z.discriminatedUnion('status', [
  z.object({ status: z.literal('waiting'), request: WaitingRequest }),
  z.object({ status: z.literal('granted'), lease: Lease }),
  z.object({
    status: z.literal('ended'),
    id: z.uuid(),
    machine: z.string().nullable(),
    reason: LeaseEndReason,
    ended_at: z.iso.datetime(),
  }),
]);
export type LeaseTicket = z.infer<typeof LeaseTicket>;

export const LeasePoll = z.object({
  wait_seconds: z.coerce.number().min(0).max(30).default(0).describe('How long to wait for the ticket to change.'),
});

export const LeaseRelease = z.object({
  fault: z
    .boolean()
    .default(false)
    .describe('The machine failed, not the build: it could not be reached, or its agent died.'),
});

export const FenceCheck = z.object({
  machine: z.string(),
  slot: z.coerce.number().int().nonnegative(),
  fence: z.coerce.number().int().positive(),
});
export type FenceCheck = z.output<typeof FenceCheck>;
export const FenceAnswer = z.object({ valid: z.boolean() });

/** `GET /leases`: who holds what, and who waits, in the order of service. */
export const QueueView = z.object({ leases: z.array(Lease), waiting: z.array(WaitingRequest) });
export type QueueView = z.infer<typeof QueueView>;
