import { CapabilityEntry, CapabilityState } from '@build-machines/protocol';
import { z } from 'zod';

/** Whether a machine takes work: `draining` and `maintenance` finish what runs and take nothing new. */
export const MachineMode = z.enum(['active', 'draining', 'maintenance']);
export type MachineMode = z.infer<typeof MachineMode>;

/** A catalog entry with what only this hub knows; a superset of the wire contract's CapabilityEntry. */
export const MachineEntry = CapabilityEntry.extend({
  mode: MachineMode,
  mode_note: z.string().nullable(),
  queued: z.number().int().nullable().describe("Runs waiting in the machine's own queue."),
  slots_leased: z.number().int().describe('Leases that this hub has granted on the machine.'),
});
export type MachineEntry = z.infer<typeof MachineEntry>;

/** One value, or several that must all match. */
const repeated = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());

/** The query of `GET /capability-catalog/`. Unknown parameters are ignored. */
export const CatalogQuery = z.object({
  capability_type: z.string().optional(),
  toolchain: repeated
    .pipe(z.array(z.string().regex(/^[a-z-]+(=[0-9.]+)?$/)))
    .optional()
    .describe('Such as ghc=9.6.6 (exactly that version) or cabal (any); repeat for several.'),
  label: repeated
    .pipe(z.array(z.string().min(1)))
    .optional()
    .describe('Such as site=lab, or site (any value); repeat for several.'),
  state: repeated.pipe(z.array(CapabilityState)).optional().describe('Any of these; default: all.'),
});
export type CatalogQuery = z.infer<typeof CatalogQuery>;

export const MachineModeRequest = z.object({ mode: MachineMode, note: z.string().max(512).nullable().default(null) });
export type MachineModeRequest = z.input<typeof MachineModeRequest>;

/** What the hub tells a machine in answer to its heartbeat. */
export const HeartbeatAnswer = z.object({
  state: CapabilityState,
  mode: MachineMode,
  clock_skew_ms: z.number(),
  leases: z
    .array(z.object({ lease_id: z.string(), slot: z.number().int(), fence: z.number().int() }))
    .describe('The live leases on the machine. A fence below the one listed for a slot belongs to a lost lease.'),
});
export type HeartbeatAnswer = z.infer<typeof HeartbeatAnswer>;

/** What happened to a machine. */
export const MachineChange = z.enum([
  'registered',
  'replaced',
  'updated',
  'refused',
  'state-changed',
  'mode-changed',
  'clock-skewed',
  'deregistered',
]);
export type MachineChange = z.infer<typeof MachineChange>;

export const MachineHistoryEntry = z.object({
  seq: z.number().int(),
  at: z.iso.datetime(),
  machine: z.string(),
  change: MachineChange,
  detail: z.record(z.string(), z.unknown()),
});
export type MachineHistoryEntry = z.infer<typeof MachineHistoryEntry>;

export const HistoryQuery = z.object({
  machine: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});
export type HistoryQuery = z.input<typeof HistoryQuery>;
export const MachineHistory = z.object({ changes: z.array(MachineHistoryEntry) });
export type MachineHistory = z.infer<typeof MachineHistory>;
