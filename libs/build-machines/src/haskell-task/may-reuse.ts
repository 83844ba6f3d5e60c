import type { CabalTaskKind } from './task-groups.js';

/** Variables by which Nx tells a task that no result of an earlier run is wanted: `--skip-nx-cache`, and what people set. */
const WITHOUT_CACHE = ['NX_SKIP_NX_CACHE', 'NX_DISABLE_NX_CACHE'];

/**
 * Whether a machine may answer from its record of an identical run, as for a command that was killed under it. Not where
 * the user wants the command to run, and never for figures: those of another hour are no answer.
 */
export function mayReuse(kind: CabalTaskKind, env: Readonly<Record<string, string | undefined>>): boolean {
  return kind !== 'bench' && !WITHOUT_CACHE.some((name) => env[name] === 'true');
}
