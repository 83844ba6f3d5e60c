import { knownLists, readList, type KnownList } from '../workspace-state/known-lists.js';
import { workspaceState } from '../workspace-state/workspace-state.js';
import type { Submission } from './submission.js';
import type { BaseList } from './sync-plan.js';

/** Of lists of other labels, so many of the latest are read: what they brought need not be sent again. */
const OTHERS = { besideOwn: 1, alone: 2 };

/** What is believed that a machine remembers. */
export interface Bases {
  /** Whether the machine is believed to remember the very list that is wanted. */
  readonly hasTarget: boolean;
  /** Lists to make a difference from; none are read when the machine has the target. */
  readonly lists: readonly BaseList[];
  /** Whether one of them is that of the last command of the same label. */
  readonly hasOwn: boolean;
}

/**
 * Lists from which a difference to `target` may be small: that of the last command of the same label, and the latest.
 * @param have digests that the machine says it remembers; absent: what is believed.
 */
export async function baseLists(
  { workspaceRoot, machine, workspace, command: { label } }: Submission,
  target: string,
  have?: readonly string[],
): Promise<Bases> {
  const state = workspaceState(workspaceRoot);
  const believed: readonly KnownList[] = await knownLists(state, machine, workspace.id);
  const known = have === undefined ? believed : have.map((digest) => ({ label: labelOf(digest, believed), digest }));
  if (known.some(({ digest }) => digest === target)) return { hasTarget: true, lists: [], hasOwn: true };
  const own = known.filter((one) => one.label === label);
  const count = own.length > 0 ? OTHERS.besideOwn : OTHERS.alone;
  const others = known.filter((one) => one.label !== label).slice(0, count);
  const lists: BaseList[] = [];
  for (const digest of new Set([...own, ...others].map((one) => one.digest))) {
    const entries = await readList(state, digest);
    if (entries !== undefined) lists.push({ digest, entries });
  }
  return { hasTarget: false, lists, hasOwn: own.some(({ digest }) => lists.some((list) => list.digest === digest)) };
}

function labelOf(digest: string, believed: readonly KnownList[]): string | undefined {
  return believed.find((one) => one.digest === digest)?.label;
}
