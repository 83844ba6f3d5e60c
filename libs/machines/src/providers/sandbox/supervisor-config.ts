import { z } from 'zod';

const Program = z.object({
  command: z.string(),
  args: z.array(z.string()),
  env: z.record(z.string(), z.string()),
  cwd: z.string(),
});

/** How the supervisor brings back the bridge when that was killed. */
export const BridgeRevival = Program.extend({
  /** Record of the running bridge, as `claimInstance` writes it. */
  instanceFile: z.string(),
  /** While this file exists the bridge was stopped on purpose and stays down. */
  stoppedFile: z.string(),
});
export type BridgeRevival = z.infer<typeof BridgeRevival>;

/** What the supervisor of a sandbox reads: the programs to keep running. */
export const SupervisorConfig = z.object({
  version: z.literal(1),
  name: z.string(),
  instanceFile: z.string(),
  logFile: z.string(),
  folder: z.string(),
  children: z.array(
    Program.extend({
      name: z.string(),
      configuration: z.string().optional(),
      graceMs: z.number().optional(),
      endDescendants: z.boolean().optional(),
    }),
  ),
  bridge: BridgeRevival.nullable(),
  /** How to start this supervisor again. */
  self: Program,
});
export type SupervisorConfig = z.infer<typeof SupervisorConfig>;
