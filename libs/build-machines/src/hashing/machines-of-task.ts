import type { ProjectGraph, Task } from '@nx/devkit';
import { ExactVersion, MachineName } from '@build-machines/protocol';
import { z } from 'zod';
import type { PoolOptions } from '../placing/machine-pool.js';

/** What of a task's options decides on which machines, and with which tools, it may run. */
const MachineChoice = z.object({
  machine: MachineName.optional(),
  labels: z.record(z.string(), z.string()).optional(),
  ghc: ExactVersion.optional(),
  cabal: ExactVersion.optional(),
});

/**
 * The machines and tools that a task asks for, as Nx merges its options: those of the target, of its configuration, and
 * of the command line.
 * @returns undefined where they are not as the executor takes them; it says so.
 */
export function machinesOfTask(
  { target, overrides }: Pick<Task, 'target' | 'overrides'>,
  { nodes }: Pick<ProjectGraph, 'nodes'>,
): PoolOptions | undefined {
  const configured = nodes[target.project]?.data.targets?.[target.target];
  const configuration: unknown = configured?.configurations?.[target.configuration ?? ''];
  const merged = [configured?.options, configuration, overrides].map((part: unknown) =>
    typeof part === 'object' && part !== null ? part : {},
  );
  const choice = MachineChoice.safeParse(Object.assign({}, ...merged));
  return choice.success ? choice.data : undefined;
}
