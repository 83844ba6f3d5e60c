import { lstatSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { removeFile, removeTree } from '@build-machines/owned-files';
import type { PackageSources, WorkspaceIdentity } from '@build-machines/protocol';
import { flushFiles } from '../durable/flush-files.js';
import { readJson } from '../durable/read-json.js';
import { syncFolder, writeDurably } from '../durable/write-durably.js';
import { FifoGate } from '../queueing/fifo-gate.js';
import type { Attic } from './attic.js';
import { withBallast } from './ballast.js';
import { readBuiltUntil, writeBuiltUntil } from './built-until.js';
import { fatesOf } from './fates.js';
import { readJournal, type Journal } from './journal.js';
import { KnownLists } from './known-lists.js';
import { ManifestFile, holdingsFromFile, NOTHING, type Holdings, type Manifest } from './manifest.js';
import { holdingsAfter } from './holdings-after.js';
import { observe } from './observe.js';
import { runSteps, type UpdateFolders } from './run-steps.js';
import { stageEntries, type ContentSource } from './stage-entries.js';
import { planTransition } from './transition.js';
import { treeList, type TreeList } from './tree-list.js';
import { Visits } from './visits.js';

export interface MirrorOptions {
  readonly attic: Attic;
  /** The machine's time in milliseconds. */
  readonly now: () => number;
  /** Called at each point at which a crash is survivable; tests throw in it. */
  readonly checkpoint?: ((point: string) => void) | undefined;
}

/** What an update brings and what it is for. */
export interface UpdateContext {
  /** Folder of contents by digest that came with the request. */
  readonly received: string | null;
  readonly source: ContentSource;
  /** Sources of the packages that will be built now. */
  readonly built: readonly PackageSources[];
}

/**
 * The machine's copy of one workspace of one user. All methods that change it are called by the holder of `lock`; reading
 * {@link Mirror.holdings} needs no lock, since it is replaced as a whole.
 *
 * `<folder>/tree` is the copy itself, `parked/` what was taken out of it and will be wanted again, `manifest.json` the
 * record of both, `update/` what an update works with, `journal.json` an update that must be completed (see {@link Journal}).
 */
export class Mirror {
  /** Held for sync, run and collection, so that no two of them ever meet in one tree. */
  readonly lock = new FifoGate(1);
  /** Contents that have arrived for syncs which wait for the lock: digests by the folder that they lie in. */
  readonly received = new Map<string, ReadonlySet<string>>();
  readonly visits = new Visits();
  #holdings: Holdings;
  #builtUntilMs: number;
  #lists: KnownLists | undefined;
  /** Paths that no list may need any more. */
  readonly #unneeded = new Set<string>();

  private constructor(
    readonly folder: string,
    readonly workspace: WorkspaceIdentity,
    private readonly options: MirrorOptions,
    holdings: Holdings,
    builtUntilMs: number,
  ) {
    this.#holdings = holdings;
    this.#builtUntilMs = builtUntilMs;
  }

  /** Opens a mirror, or makes an empty one; completes an update that a crash interrupted. */
  static async open(folder: string, workspace: WorkspaceIdentity, options: MirrorOptions): Promise<Mirror> {
    await mkdir(join(folder, 'tree'), { recursive: true, mode: 0o755 });
    await mkdir(join(folder, 'parked'), { recursive: true, mode: 0o700 });
    const file = await readJson(join(folder, 'manifest.json'), ManifestFile);
    const holdings = file === undefined ? NOTHING : holdingsFromFile(file);
    const mirror = new Mirror(folder, workspace, options, holdings, await readBuiltUntil(folder));
    if (file === undefined) await mirror.#save(holdings);
    await mirror.#completeInterrupted();
    return mirror;
  }

  /** Absolute path of the tree. */
  get root(): string {
    return join(this.folder, 'tree');
  }

  /** Absolute path of what is parked; see {@link parkedName}. */
  get parkedFolder(): string {
    return join(this.folder, 'parked');
  }

  get holdings(): Holdings {
    return this.#holdings;
  }

  /** What is tracked in the tree. */
  get manifest(): Manifest {
    return this.#holdings.tree;
  }

  /** Lists that requests may build on; after a restart those of what is there. */
  get lists(): Pick<KnownLists, 'digests' | 'find'> {
    return this.#knownLists();
  }

  /** Remembers the list of a label's command: requests may build on it, and what it has is worth keeping. */
  remember(label: string, list: TreeList): void {
    for (const path of this.#knownLists().remember(label, list)) this.#unneeded.add(path);
  }

  /** Absolute path of a new folder for the contents of one request. */
  incomingFolder(id: string): string {
    return join(this.folder, 'incoming', id);
  }

  /**
   * Makes the tree hold exactly a list, besides what builds made. After any failure, and after a crash at any point, the
   * tree is the old or the new one. Files that something else changed since the last sync are made right again.
   * @returns how many tracked paths were removed, and how many were written.
   * @throws ContentMissingError when a content is neither received nor known; the tree is then untouched.
   */
  async update(list: TreeList, context: UpdateContext): Promise<{ removed: number; changed: number }> {
    await this.#completeInterrupted();
    const wanted = new Map(list.entries.map((entry) => [entry.path, entry]));
    const observed = await observe(this.root, this.manifest, wanted, this.manifest.keys());
    const parked = { folder: this.parkedFolder, manifest: this.#holdings.parked };
    const fates = fatesOf(parked, context.built, this.#knownLists(), this.#unneeded);
    const transition = planTransition(this.#holdings, wanted, observed, fates);
    const { steps, staged, set, forget, park, drop } = transition;
    this.#unneeded.clear();
    if (steps.length === 0 && set.length === 0 && forget.length === 0) return { removed: 0, changed: 0 };
    try {
      await this.#makeUpdateFolders();
      const times = { nowMs: this.options.now(), builtUntilMs: this.#builtUntilMs, observed };
      const folders = { staged: this.#update('new'), received: context.received };
      const files = await stageEntries(staged, folders, context.source, times);
      this.#checkpoint('staged');
      const journal: Journal = { version: 2, steps, set, forget, park, drop };
      await withBallast(this.folder, ballastBytes(journal, this.#holdings), async () => {
        await flushFiles(files, this.folder);
        await writeDurably(join(this.folder, 'journal.json'), JSON.stringify(journal));
      });
      this.#checkpoint('journalled');
      await this.#complete(journal);
    } finally {
      if (!this.#hasJournal()) await removeTree(join(this.folder, 'update'));
    }
    return { removed: forget.length, changed: staged.length };
  }

  /** Gives sessions back what the last run has parked; its own files stay, until the next sync. */
  async bringBack(): Promise<void> {
    const list = this.visits.wanted(this.#holdings);
    const source: ContentSource = { copyTo: () => Promise.resolve(false) };
    if (list !== undefined) await this.update(list, { received: null, source, built: [] });
  }

  /** Forgets what a build changed or deleted: the next sync that lists it writes it anew. */
  async forget(paths: readonly string[]): Promise<void> {
    if (paths.length === 0) return;
    const tree = new Map(this.#holdings.tree);
    for (const path of paths) tree.delete(path);
    const holdings = { ...this.#holdings, tree };
    await this.#save(holdings);
    this.#holdings = holdings;
  }

  /** Notes that a build ends now, so that sources changed later are newer than anything it made. */
  async buildEnded(): Promise<void> {
    this.#builtUntilMs = Math.max(this.#builtUntilMs, this.options.now());
    await writeBuiltUntil(this.folder, this.#builtUntilMs);
  }

  #knownLists(): KnownLists {
    if (this.#lists !== undefined) return this.#lists;
    const { tree, parked } = this.#holdings;
    const lists = new KnownLists();
    // No command has such labels. What is parked is wanted by commands that nobody remembers.
    lists.remember('\0parked', treeList([...parked.values()].map(({ entry }) => entry)));
    lists.remember('\0tree', treeList([...tree.values()].map(({ entry }) => entry)));
    return (this.#lists = lists);
  }

  /** Also cleans up what requests and updates of a dead agent left. */
  async #completeInterrupted(): Promise<void> {
    const journal = await readJournal(join(this.folder, 'journal.json'));
    if (journal !== undefined) await this.#complete(journal);
    await removeTree(join(this.folder, 'update'));
  }

  async #complete(journal: Journal): Promise<void> {
    const folders: UpdateFolders = {
      root: this.root,
      staged: this.#update('new'),
      retired: this.#update('retired'),
      parked: this.parkedFolder,
    };
    let index = 0;
    await runSteps(folders, journal.steps, () => {
      this.#checkpoint(`step ${index++}`);
    });
    const holdings = holdingsAfter(this.#holdings, journal, folders);
    this.#checkpoint('applied');
    await this.#save(holdings);
    this.#checkpoint('recorded');
    await removeFile(join(this.folder, 'journal.json'));
    await syncFolder(this.folder);
    this.#holdings = holdings;
    this.#checkpoint('completed');
    await this.#keepRetired(journal);
  }

  /** What left the tree with known content goes to the attic; all else of `update/` is removed by the caller. */
  async #keepRetired(journal: Journal): Promise<void> {
    for (const step of journal.steps)
      if ((step.do === 'retire' || step.do === 'drop') && step.sha256 !== undefined)
        await this.options.attic.put(join(this.#update('retired'), String(step.slot)), step.sha256);
  }

  async #save({ tree, parked }: Holdings): Promise<void> {
    const { workspace } = this;
    const file: ManifestFile = { version: 2, workspace, entries: [...tree.values()], parked: [...parked.values()] };
    await writeDurably(join(this.folder, 'manifest.json'), JSON.stringify(file));
  }

  async #makeUpdateFolders(): Promise<void> {
    await removeTree(join(this.folder, 'update'));
    for (const name of ['new', 'retired']) await mkdir(this.#update(name), { recursive: true, mode: 0o700 });
  }

  #update(name: string): string {
    return join(this.folder, 'update', name);
  }

  #hasJournal(): boolean {
    return lstatSync(join(this.folder, 'journal.json'), { throwIfNoEntry: false }) !== undefined;
  }

  #checkpoint(point: string): void {
    this.options.checkpoint?.(point);
  }
}

/** Room for what an update still writes once it is decided: the manifest, folder blocks, and the retired markers. */
function ballastBytes(journal: Journal, { tree, parked }: Holdings): number {
  return 64 * 1024 + (tree.size + parked.size + journal.set.length) * 400 + journal.steps.length * 256;
}
