import { lstatSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { removeFile, removeTree } from '@build-machines/owned-files';
import type { TreeEntry } from '@build-machines/protocol';
import { type SyncScope, type WorkspaceIdentity } from '@build-machines/protocol';
import { z } from 'zod';
import { flushFiles } from '../durable/flush-files.js';
import { readJson } from '../durable/read-json.js';
import { syncFolder, writeDurably } from '../durable/write-durably.js';
import { FifoGate } from '../queueing/fifo-gate.js';
import type { Attic } from './attic.js';
import { withBallast } from './ballast.js';
import { Journal } from './journal.js';
import { ManifestFile, manifestFromFile, scopeDigest, type Manifest, type StoredEntry } from './manifest.js';
import { observe, storedStat } from './observe.js';
import { runSteps } from './run-steps.js';
import { scopeMatcher } from './scope-matcher.js';
import { stageEntries, type ContentSource } from './stage-entries.js';
import { planTransition } from './transition.js';

/** `<mirror>/built-until.json`: the machine's time when a run in this mirror last ended, in milliseconds. */
const BuiltUntil = z.object({ ms: z.number() });

export interface MirrorOptions {
  readonly attic: Attic;
  /** The machine's time in milliseconds. */
  readonly now: () => number;
  /** Called at each point at which a crash is survivable; tests throw in it. */
  readonly checkpoint?: ((point: string) => void) | undefined;
}

/**
 * The machine's copy of one workspace of one user. All methods that change it are called by the holder of `lock`; reading
 * {@link Mirror.manifest} needs no lock, since it is replaced as a whole.
 *
 * `<folder>/tree` is the copy itself, `manifest.json` what is tracked in it, `update/` what an update works with,
 * `journal.json` an update that must be completed (see {@link Journal}).
 */
export class Mirror {
  /** Held for sync, run and collection, so that no two of them ever meet in one tree. */
  readonly lock = new FifoGate(1);
  /** Contents that have arrived for syncs which wait for the lock: digests by the folder that they lie in. */
  readonly received = new Map<string, ReadonlySet<string>>();
  #manifest: Manifest;
  #builtUntilMs: number;

  private constructor(
    readonly folder: string,
    readonly workspace: WorkspaceIdentity,
    private readonly options: MirrorOptions,
    manifest: Manifest,
    builtUntilMs: number,
  ) {
    this.#manifest = manifest;
    this.#builtUntilMs = builtUntilMs;
  }

  /** Opens a mirror, or makes an empty one; completes an update that a crash interrupted. */
  static async open(folder: string, workspace: WorkspaceIdentity, options: MirrorOptions): Promise<Mirror> {
    await mkdir(join(folder, 'tree'), { recursive: true, mode: 0o755 });
    const file = await readJson(join(folder, 'manifest.json'), ManifestFile);
    const builtUntil = await readJson(join(folder, 'built-until.json'), BuiltUntil);
    const manifest: Manifest = file === undefined ? new Map<string, StoredEntry>() : manifestFromFile(file);
    const mirror = new Mirror(folder, workspace, options, manifest, builtUntil?.ms ?? 0);
    if (file === undefined) await mirror.#saveManifest(manifest);
    await mirror.#completeInterrupted();
    return mirror;
  }

  /** Absolute path of the tree. */
  get root(): string {
    return join(this.folder, 'tree');
  }

  get manifest(): Manifest {
    return this.#manifest;
  }

  digestOf(scope: SyncScope): string {
    return scopeDigest(this.#manifest, scope);
  }

  /** Absolute path of a new folder for the contents of one request. */
  incomingFolder(id: string): string {
    return join(this.folder, 'incoming', id);
  }

  /**
   * Makes the scope hold exactly the target; everything else stays. After any failure, and after a crash at any point, the
   * tree is the old or the new one. Files that something else changed since the last sync are made right again.
   * @param received folder of contents by digest that came with the request.
   * @returns how many tracked paths were removed.
   * @throws ContentMissingError when a content is neither received nor known; the tree is then untouched.
   */
  async update(
    scope: SyncScope,
    target: readonly TreeEntry[],
    received: string | null,
    source: ContentSource,
  ): Promise<{ removed: number; changed: number }> {
    await this.#completeInterrupted();
    const inScope = scopeMatcher(scope);
    const wanted = new Map(target.map((entry) => [entry.path, entry]));
    const tracked = [...this.#manifest.keys()].filter(inScope);
    const observed = await observe(this.root, this.#manifest, wanted, tracked);
    const { steps, staged, set, forget } = planTransition(this.#manifest, inScope, wanted, observed);
    if (steps.length === 0 && set.length === 0 && forget.length === 0) return { removed: 0, changed: 0 };
    try {
      await this.#makeUpdateFolders();
      const times = { nowMs: this.options.now(), builtUntilMs: this.#builtUntilMs, observed };
      const files = await stageEntries(staged, { staged: this.#update('new'), received }, source, times);
      this.#checkpoint('staged');
      const journal: Journal = { version: 1, steps, set, forget };
      await withBallast(this.folder, ballastBytes(journal, this.#manifest.size), async () => {
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

  /** Notes that a build ends now, so that sources changed later are newer than anything it made. */
  async buildEnded(): Promise<void> {
    this.#builtUntilMs = Math.max(this.#builtUntilMs, this.options.now());
    await writeDurably(join(this.folder, 'built-until.json'), JSON.stringify({ ms: this.#builtUntilMs }));
  }

  /** Also cleans up what requests and updates of a dead agent left. */
  async #completeInterrupted(): Promise<void> {
    const journal = await readJson(join(this.folder, 'journal.json'), Journal);
    if (journal !== undefined) await this.#complete(journal);
    await removeTree(join(this.folder, 'update'));
  }

  async #complete(journal: Journal): Promise<void> {
    const folders = { root: this.root, staged: this.#update('new'), retired: this.#update('retired') };
    let index = 0;
    await runSteps(folders, journal.steps, () => {
      this.#checkpoint(`step ${index++}`);
    });
    const manifest = new Map(this.#manifest);
    for (const path of journal.forget) manifest.delete(path);
    for (const entry of journal.set)
      manifest.set(entry.path, { entry, stat: storedStat(lstatSync(join(this.root, entry.path), { bigint: true })) });
    this.#checkpoint('applied');
    await this.#saveManifest(manifest);
    this.#checkpoint('recorded');
    await removeFile(join(this.folder, 'journal.json'));
    await syncFolder(this.folder);
    this.#manifest = manifest;
    this.#checkpoint('completed');
    await this.#keepRetired(journal);
  }

  /** What left the tree with known content goes to the attic; all else of `update/` is removed by the caller. */
  async #keepRetired(journal: Journal): Promise<void> {
    for (const step of journal.steps)
      if (step.do === 'retire' && step.sha256 !== undefined)
        await this.options.attic.put(join(this.#update('retired'), String(step.slot)), step.sha256);
  }

  async #saveManifest(manifest: Manifest): Promise<void> {
    const file: ManifestFile = { version: 1, workspace: this.workspace, entries: [...manifest.values()] };
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
function ballastBytes(journal: Journal, tracked: number): number {
  return 64 * 1024 + (tracked + journal.set.length) * 400 + journal.steps.length * 256;
}

/** Removes the contents of requests that a dead agent had begun to receive. */
export async function removeIncoming(folder: string): Promise<void> {
  for (const id of await readdir(join(folder, 'incoming')).catch(() => [] as string[]))
    await removeTree(join(folder, 'incoming', id));
}
