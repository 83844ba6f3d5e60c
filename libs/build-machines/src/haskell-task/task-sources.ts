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
import { changedParts } from './hashed-parts.js';
import { InputsIncompleteError, SourcesChangedError } from './source-errors.js';

/** A task whose sources are to be sent. */
export interface SourcesOf {
  readonly plan: PlanRequest;
  /** Whether Nx may keep the result under the hash that the task has. */
  readonly isKept: boolean;
  /** Folders of packages, none of which may be empty. */
  readonly folders: readonly string[];
  /** Files that the command cannot do without. */
  readonly required: readonly string[];
}

/** The sources of tasks that share one tree on a machine. */
export class TaskSources {
  #lastList: Scan['list'] | undefined;
  #hasListed = false;

  constructor(
    readonly tasks: readonly SourcesOf[],
    readonly planner: TaskPlanner,
    readonly note: (text: string) => void,
  ) {}

  /**
   * Lists and reads what Nx hashes for the tasks at this moment.
   * @throws SourcesChangedError where that is not what Nx has hashed, so that its result would be kept under a hash that it
   * does not belong to; InputsIncompleteError; what scanSources throws.
   */
  readonly list: ListSources = async (signal) => {
    // A session lists once more because something was saved, maybe a moment after it had listed last.
    if (this.#hasListed) this.planner.lookAnew();
    this.#hasListed = true;
    let looked = await this.#look(this.planner, signal);
    // An edit right before the command changes the graph while the command starts.
    if (looked.changed.length > 0) looked = await this.#look(await this.planner.renewed(), signal);
    const { scan, changed } = looked;
    if (changed.length > 0) throw new SourcesChangedError(changed, this.planner.state.root, scan.list.files);
    this.#sayOnce(scan.list);
    return scan;
  };

  async #look(planner: TaskPlanner, signal: AbortSignal | undefined): Promise<{ scan: Scan; changed: SourcesOf[] }> {
    const requests = this.tasks.map(({ plan }) => plan);
    const { root } = planner.state;
    const plans = await planner.plan(requests, signal);
    for (const [index, task] of this.tasks.entries()) requireInputs(task, plans[index]);
    const list = unionOf(plans.map((plan, index) => ({ ...plan, folders: this.tasks[index]?.folders ?? [] })));
    refuseEmptyFolders(list);
    const scan = await scanSources(root, list, await ensureWorkspaceState(root), { signal });
    // Outputs of other tasks, links and modes have no hash of their own: the whole is taken once more, after the scan.
    const after = plans.some((plan) => plan.isPartlyUnhashed) ? await planner.partsNow(requests) : undefined;
    const changed = this.tasks.filter((task, index) => {
      const plan = plans[index];
      return plan !== undefined && task.isKept && !isAsHashed(task, plan, scan, after?.[index]);
    });
    return { scan, changed };
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

/** Whether what Nx has hashed for a task is exactly what was read, and was the same before and after. */
function isAsHashed(
  { plan: { task } }: SourcesOf,
  plan: TaskPlan,
  { nxHashes }: Scan,
  after?: TaskPlan['parts'],
): boolean {
  if (changedParts(task, plan.parts).length > 0) return false;
  if (after !== undefined && changedParts(task, after).length > 0) return false;
  return [...plan.hashes].every(([path, expected]) => nxHashes.get(path) === expected);
}
