import { ResolvedToolchain, RunResult, RunState, Sha256, WorkspaceIdentity } from '@build-machines/protocol';
import { z } from 'zod';

/** Which processes a run started, said so exactly that no recycled process id is ever signalled. */
export const RunProcess = z.object({
  pid: z.number().int().describe('Leader of the process group and session.'),
  startTicks: z.string().describe('Field 22 of /proc/<pid>/stat: clock ticks since boot.'),
  bootId: z.string().describe('/proc/sys/kernel/random/boot_id.'),
});
export type RunProcess = z.infer<typeof RunProcess>;

/** `<stateDir>/runs/<runId>/record.json`. */
export const RunRecord = z.object({
  version: z.literal(1),
  runId: Sha256,
  cookie: z.string().describe('Value of BUILD_MACHINES_RUN in the environment of all processes of this attempt.'),
  label: z.string(),
  workspace: WorkspaceIdentity,
  state: RunState,
  queuedAt: z.iso.datetime(),
  startedAt: z.iso.datetime().nullable(),
  toolchain: ResolvedToolchain,
  process: RunProcess.nullable(),
  result: RunResult.nullable(),
});
export type RunRecord = z.infer<typeof RunRecord>;

const FINAL: readonly RunState[] = ['succeeded', 'failed', 'cancelled', 'lost'];

export function isFinal(state: RunState): boolean {
  return FINAL.includes(state);
}
