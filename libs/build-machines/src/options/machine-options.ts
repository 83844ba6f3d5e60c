import { MachineName } from '@build-machines/protocol';
import { z } from 'zod';

/** Options that every target of a machine project has. */
export const MachineOptions = z.strictObject({
  machine: MachineName.optional().describe('Machine to act on. Default: the one whose project this is.'),
});
export type MachineOptions = z.infer<typeof MachineOptions>;

/** Options of the targets that report. */
export const ReportOptions = MachineOptions.extend({
  json: z.boolean().default(false).describe('Print one JSON document instead of a table.'),
});
export type ReportOptions = z.infer<typeof ReportOptions>;
