import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { removeTree } from '@build-machines/owned-files';
import type { WorkspaceIdentity } from '@build-machines/protocol';
import { readJson } from '../durable/read-json.js';
import { Attic } from './attic.js';
import { knownContents } from './known-contents.js';
import { ManifestFile } from './manifest.js';
import { Mirror } from './mirror.js';
import { mirrorKey, userKey } from './mirror-key.js';
import type { ContentSource } from './stage-entries.js';

export interface MirrorsOptions {
  /** Folder that holds `mirrors/` and `attics/`; both must be on one filesystem. */
  readonly stateDir: string;
  /** Size of each user's attic, in bytes. */
  readonly atticBytes: number;
  readonly now: () => number;
  /** See MirrorOptions. */
  readonly checkpoint?: ((point: string) => void) | undefined;
}

/** All mirrors of a machine. What belongs to one user is never read for another. */
export class Mirrors {
  readonly #mirrors = new Map<string, Promise<Mirror>>();
  readonly #attics = new Map<string, Promise<Attic>>();

  private constructor(private readonly options: MirrorsOptions) {}

  /** Opens all mirrors, completing interrupted updates before anything can be asked of them. */
  static async open(options: MirrorsOptions): Promise<Mirrors> {
    const mirrors = new Mirrors(options);
    const folder = join(options.stateDir, 'mirrors');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    for (const key of await readdir(folder)) {
      await removeIncoming(join(folder, key));
      const file = await readJson(join(folder, key, 'manifest.json'), ManifestFile);
      // A folder without a manifest was being made when the agent died; it holds nothing yet.
      if (file !== undefined && mirrorKey(file.workspace) === key) await mirrors.open(file.workspace);
    }
    return mirrors;
  }

  /** The mirror of a workspace; undefined when there is none yet. */
  async find(workspace: WorkspaceIdentity): Promise<Mirror | undefined> {
    return this.#mirrors.get(mirrorKey(workspace));
  }

  /** The mirror of a workspace, made when there is none yet. */
  async open(workspace: WorkspaceIdentity): Promise<Mirror> {
    const key = mirrorKey(workspace);
    const known = this.#mirrors.get(key);
    if (known !== undefined) return known;
    const opening = this.#open(key, workspace);
    this.#mirrors.set(key, opening);
    opening.catch(() => this.#mirrors.delete(key));
    return opening;
  }

  /** Which of the digests the machine could not provide for a workspace of this user. */
  async missing(workspace: WorkspaceIdentity, digests: readonly string[]): Promise<string[]> {
    const known = await this.#contentsFor(workspace);
    return [...new Set(digests)].filter((digest) => !known.has(digest));
  }

  /** Contents for one workspace: its own mirror, the attic, and the other mirrors of the same user. */
  async sourceFor(workspace: WorkspaceIdentity): Promise<ContentSource> {
    return this.#contentsFor(workspace);
  }

  async #contentsFor(workspace: WorkspaceIdentity): ReturnType<typeof knownContents> {
    const own = mirrorKey(workspace);
    const opened = await Promise.all([...this.#mirrors].map(async ([key, mirror]) => ({ key, mirror: await mirror })));
    const mirrors = opened
      .filter(({ mirror }) => mirror.workspace.user === workspace.user)
      .sort((a, b) => Number(b.key === own) - Number(a.key === own))
      .map(({ mirror }) => mirror);
    return knownContents(mirrors, await this.attic(workspace.user));
  }

  /** The attic of one user. */
  attic(user: string): Promise<Attic> {
    const key = userKey(user);
    const known = this.#attics.get(key);
    if (known !== undefined) return known;
    const opening = Attic.open(join(this.options.stateDir, 'attics', key), this.options.atticBytes);
    this.#attics.set(key, opening);
    opening.catch(() => this.#attics.delete(key));
    return opening;
  }

  async #open(key: string, workspace: WorkspaceIdentity): Promise<Mirror> {
    return Mirror.open(join(this.options.stateDir, 'mirrors', key), workspace, {
      attic: await this.attic(workspace.user),
      now: this.options.now,
      checkpoint: this.options.checkpoint,
    });
  }
}

/** Removes the contents of requests that a dead agent had begun to receive. */
async function removeIncoming(folder: string): Promise<void> {
  for (const id of await readdir(join(folder, 'incoming')).catch(() => [] as string[]))
    await removeTree(join(folder, 'incoming', id));
}
