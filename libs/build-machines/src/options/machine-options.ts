import { MachineName } from '@build-machines/protocol';
import { z } from 'zod';

/** Options that every target of a machine project has. */
export const MachineOptions = z.strictObject({
  machine: MachineName.optional().describe('Machine to act on. Default: the one whose project this is.'),
});
export type MachineOptions = z.infer<typeof MachineOptions>;

/** The option by which a user ends what a machine works on. */
export const forceOption = z
  .boolean()
  .default(false)
  .describe('Go ahead although the machine works for somebody, which ends that work.');

/** Options of the targets that report. */
export const ReportOptions = MachineOptions.extend({
  json: z.boolean().default(false).describe('Print one JSON document instead of a table.'),
});
export type ReportOptions = z.infer<typeof ReportOptions>;
