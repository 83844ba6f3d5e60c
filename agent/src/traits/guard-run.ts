import { traitDifferences } from '@build-machines/protocol';
import type { LiveRun } from '../runs/live-run.js';
import type { RunContext } from '../runs/run-context.js';
import { changedUnderRun, MachineChangedError } from './trait-errors.js';

/** The machine was changed under a run; its result is that of neither state. */
class ChangedUnderRun extends Error {}

/**
 * Checks that the machine is as a run's request says.
 * @throws MachineChangedError
 */
export async function requireTraits(
  { config, traits }: Pick<RunContext, 'config' | 'traits'>,
  wanted: string | undefined,
  toolchain: LiveRun['record']['toolchain'],
): Promise<void> {
  if (wanted === undefined) return;
  const { parts, digest } = await traits.seenBy(toolchain);
  if (digest !== wanted) throw new MachineChangedError(config.name, parts);
}

/**
 * Does the work of a run whose request names traits, and checks at its begin and end that the machine has them: it may
 * change while the run waits, and while it works.
 * @throws Error that names what changed.
 */
export async function withSameTraits<T>(
  { config, traits }: Pick<RunContext, 'config' | 'traits'>,
  { command, record }: Pick<LiveRun, 'command' | 'record'>,
  work: () => Promise<T>,
): Promise<T> {
  if (command.traits === undefined) return work();
  const before = await traits.seenBy(record.toolchain);
  if (before.digest !== command.traits)
    throw new ChangedUnderRun(changedUnderRun(config.name, ['it changed while the run waited']));
  const result = await work();
  const now = await traits.seenBy(record.toolchain);
  if (now.digest !== before.digest)
    throw new ChangedUnderRun(changedUnderRun(config.name, traitDifferences(before.parts, now.parts)));
  return result;
}
