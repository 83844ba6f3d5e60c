import { realpath } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { isTreePath, symlinkStaysInside } from '@build-machines/protocol';
import { rulesForRoots, type FolderRules } from './ignore-rules.js';
import type { FileStat, NodeKind, SourceFiles } from './source-files.js';
import type { SyncScope } from './sync-scope.js';
import { asFolder, foldersAbove } from './workspace-folders.js';
import {
  SourceRootMissingError,
  SymlinkLeavesTreeError,
  UnreadableSourceError,
  UnsupportedFileError,
  UnsupportedNameError,
} from './sync-errors.js';

/** All that lies in a scope. Paths are relative to the workspace. */
export interface FoundTree {
  readonly files: ReadonlyMap<string, FileStat>;
  readonly folders: ReadonlySet<string>;
  readonly symlinks: ReadonlyMap<string, string>;
  /** Roots that do not exist. */
  readonly missingRoots: readonly string[];
}

/**
 * Lists what is in a scope and not ignored: one listing per folder, one stat per file, links never followed. What
 * vanishes meanwhile counts as not there.
 * @throws the classes in sync-errors.ts; the signal's reason when it is aborted.
 */
export async function walkScope(
  workspaceRoot: string,
  scope: SyncScope,
  { disk, signal }: { readonly disk: SourceFiles; readonly signal?: AbortSignal },
): Promise<FoundTree> {
  const walk = new Walk(workspaceRoot, disk, signal);
  const present: string[] = [];
  for (const root of scope.roots) {
    await assertReachedDirectly(workspaceRoot, root);
    const kind = walk.kindOf(asFolder(root));
    if (kind === 'missing') walk.missingRoots.push(root);
    else if (kind !== 'directory') throw new SourceRootMissingError(root, `is a ${kind}, not a folder`);
    else present.push(root);
  }
  const rules = await rulesForRoots(workspaceRoot, [...present, ...scope.files], signal);
  for (const root of present.map(asFolder)) {
    const rootRules = rules.get(root);
    if (rootRules === undefined) continue;
    if (root !== '') walk.folders.add(root);
    await walk.enter(root, rootRules);
  }
  for (const file of scope.files) {
    await assertReachedDirectly(workspaceRoot, file);
    // Nx does not hash what is ignored, so it must not count, even where it is named.
    const isIgnored = [file, ...foldersAbove(file)]
      .filter(Boolean)
      .some((path) => rules.get(file)?.excludes(path, path !== file) === true);
    if (!isIgnored) walk.take(file, walk.kindOf(file));
  }
  walk.refuseEscapes();
  return walk;
}

class Walk implements FoundTree {
  readonly files = new Map<string, FileStat>();
  readonly folders = new Set<string>();
  readonly symlinks = new Map<string, string>();
  readonly missingRoots: string[] = [];
  readonly #entered = new Set<string>();

  constructor(
    readonly workspaceRoot: string,
    readonly disk: SourceFiles,
    readonly signal: AbortSignal | undefined,
  ) {}

  kindOf(path: string): NodeKind {
    return this.#readable(path, () => this.disk.kindOf(join(this.workspaceRoot, path))) ?? 'missing';
  }

  /** Walks a folder with an explicit stack: a deep tree must not end in a stack overflow. */
  async enter(root: string, rootRules: FolderRules): Promise<void> {
    const pending = [{ folder: root, rules: rootRules }];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      this.signal?.throwIfAborted();
      const { folder, rules: outer } = next;
      if (this.#entered.has(folder)) continue;
      this.#entered.add(folder);
      const children = this.#readable(folder, () => this.disk.list(join(this.workspaceRoot, folder))) ?? [];
      const names = children.map(({ name }) => name);
      const rules = await outer.enter(folder, names);
      for (const { name, kind } of children) {
        if (name.includes('\uFFFD') || !isTreePath(name)) throw new UnsupportedNameError(folder || '.', name);
        const path = folder === '' ? name : `${folder}/${name}`;
        if (rules.excludes(path, kind === 'directory')) continue;
        this.take(path, kind);
        if (kind === 'directory') pending.push({ folder: path, rules });
      }
    }
  }

  /** Notes one path. */
  take(path: string, kind: NodeKind): void {
    if (this.files.has(path)) return;
    const absolute = join(this.workspaceRoot, path);
    switch (kind) {
      case 'file': {
        const stat = this.#readable(path, () => this.disk.stat(absolute));
        if (stat !== undefined) this.files.set(path, stat);
        break;
      }
      case 'directory':
        this.folders.add(path);
        break;
      case 'symlink': {
        const target = this.#readable(path, () => this.disk.readLink(absolute));
        if (target !== undefined) this.symlinks.set(path, target);
        break;
      }
      case 'socket':
      case 'pipe':
      case 'device':
        throw new UnsupportedFileError(path, kind);
      case 'missing':
        break;
    }
  }

  refuseEscapes(): void {
    const escaping = [...this.symlinks].filter(([path, target]) => !symlinkStaysInside(path, target));
    if (escaping.length === 0) return;
    const links = escaping.map(([path, target]) => ({ path, target, relative: this.#relativeForm(path, target) }));
    throw new SymlinkLeavesTreeError(links);
  }

  /** For an absolute link to something inside: the relative target that means the same. */
  #relativeForm(path: string, target: string): string | undefined {
    if (!target.startsWith(`${this.workspaceRoot}/`)) return undefined;
    return relative(dirname(join(this.workspaceRoot, path)), target);
  }

  /** Turns a refusal by the system into our error, and absence into undefined. */
  #readable<T>(path: string, look: () => T): T | undefined {
    try {
      return look();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
      throw new UnreadableSourceError(path || '.', error);
    }
  }
}

/** A root behind a link would be walked as if its files lay there; the machine would see two different trees. */
async function assertReachedDirectly(workspaceRoot: string, path: string): Promise<void> {
  if (!path.includes('/')) return;
  const parent = dirname(path);
  try {
    const [base, actual] = await Promise.all([realpath(workspaceRoot), realpath(join(workspaceRoot, parent))]);
    if (relative(base, actual) !== parent)
      throw new SourceRootMissingError(path, `is reached through a symbolic link (${parent} is ${actual})`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error;
  }
}
