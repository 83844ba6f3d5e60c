import { BuildMachinesError } from '@build-machines/protocol';
import { ensureWorkspaceState, type ListSources } from '@build-machines/remote';
import {
  linksOutside,
  type PlanRequest,
  refuseEmptyFolders,
  type Scan,
  scanSources,
  type TaskPlan,
  type TaskPlanner,
  unionOf,
} from '@build-machines/sources';

/** A task whose sources are to be sent. */
export interface SourcesOf {
  readonly plan: PlanRequest;
  /** The hash under which Nx will keep the result; undefined for a task that Nx has not hashed. */
  readonly hash: string | undefined;
  /** Folders of packages, none of which may be empty. */
  readonly folders: readonly string[];
  /** Files that the command cannot do without. */
  readonly required: readonly string[];
}

/** The sources of tasks that share one tree on a machine, and whether what was sent is what Nx has hashed. */
export class TaskSources {
  readonly #changed = new Set<SourcesOf>();
  #lastList: Scan['list'] | undefined;

  constructor(
    readonly tasks: readonly SourcesOf[],
    readonly planner: TaskPlanner,
    readonly note: (text: string) => void,
  ) {}

  /** Lists and reads what Nx hashes for the tasks at this moment. */
  readonly list: ListSources = async (signal) => {
    const requests = this.tasks.map(({ plan }) => plan);
    const { root } = this.planner.state;
    const plans = await this.planner.plan(requests, signal);
    const list = unionOf(plans.map((plan, index) => ({ ...plan, folders: this.tasks[index]?.folders ?? [] })));
    for (const [index, task] of this.tasks.entries()) requireInputs(task, plans[index]);
    refuseEmptyFolders(list);
    const scan = await scanSources(root, list, await ensureWorkspaceState(root), { signal });
    // Outputs of other tasks, links and modes have no hash of their own: the whole is taken once more, after the scan.
    const after = plans.some((plan) => plan.isPartlyUnhashed) ? await this.planner.hashNow(requests) : undefined;
    for (const [index, task] of this.tasks.entries()) {
      const plan = plans[index];
      if (plan !== undefined && !isAsHashed(task, plan, scan, after?.[index])) this.#changed.add(task);
    }
    this.#sayOnce(list);
    return scan;
  };

  /** Whether something that was sent for a task is not what Nx has hashed. */
  hasChanged(task: SourcesOf): boolean {
    return this.#changed.has(task);
  }

  /** What was sent last; undefined before the first sync. */
  get lastList(): Scan['list'] | undefined {
    return this.#lastList;
  }

  #sayOnce(list: Scan['list']): void {
    const outside = linksOutside(list);
    if (this.#lastList === undefined && outside.length > 0)
      this.note(`Not sent, because they lead out of the workspace: ${outside.slice(0, 5).join(', ')}`);
    this.#lastList = list;
  }
}

/** @throws InputsIncompleteError */
function requireInputs({ required, plan: { task } }: SourcesOf, plan: TaskPlan | undefined): void {
  const files = new Set(plan?.files);
  const missing = required.filter((path) => !files.has(path) && plan?.links.has(path) !== true);
  if (missing.length > 0) throw new InputsIncompleteError(task.id, missing);
}

/** Whether a task's hash covers exactly the contents that were read, and was the same before and after. */
function isAsHashed(task: SourcesOf, plan: TaskPlan, { nxHashes }: Scan, after: string | undefined): boolean {
  if (task.hash === undefined) return true;
  const hash = plainHash(task.hash);
  if (plan.hash !== hash || (after !== undefined && after !== hash)) return false;
  return [...plan.hashes].every(([path, expected]) => nxHashes.get(path) === expected);
}

/** Without what our hasher adds for a task whose output folder holds something foreign; see hash-with-outputs.ts. */
function plainHash(hash: string): string {
  return hash.split('-')[0] ?? hash;
}

/** A target's `inputs` leave out what every command of cabal needs: most often it was written by hand without any. */
export class InputsIncompleteError extends BuildMachinesError {
  readonly code = 'inputs-incomplete';
  constructor(task: string, missing: readonly string[]) {
    super(
      `The inputs of ${task} leave out ${missing.slice(0, 3).join(', ')}. Only what Nx hashes for a task is sent to a machine, so cabal could not work.`,
      {
        hint: 'Give the target "inputs": ["haskell", "haskellProject", "^haskell"], or remove its "inputs" to have those that are inferred.',
        details: { task, missing },
      },
    );
  }
}
