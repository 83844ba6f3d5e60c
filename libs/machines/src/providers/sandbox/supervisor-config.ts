import { z } from 'zod';

const Program = z.object({
  command: z.string(),
  args: z.array(z.string()),
  env: z.record(z.string(), z.string()),
  cwd: z.string(),
});

/**
 * How the bridge is brought back when it was killed. Whoever starts a bridge leaves this in a file, so that the machine
 * need not change when another workspace starts the next one.
 */
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
  /** File that holds a {@link BridgeRevival}; null: the bridge is not this supervisor's to bring back. */
  bridge: z.string().nullable(),
  /** How to start this supervisor again. */
  self: Program,
});
export type SupervisorConfig = z.infer<typeof SupervisorConfig>;
