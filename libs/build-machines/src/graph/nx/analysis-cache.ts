import { writeAsideSync } from '@build-machines/owned-files';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { ownVersion } from '../../package/package-folder.js';

/** Raised when what is kept, or how it is computed, changes between releases. */
const FORMAT = 2;
const PLUGIN = ownVersion();
const CacheFile = z.object({
  format: z.literal(FORMAT),
  /** Another version may read files in another way; Nx drops nothing when a plugin is updated. */
  plugin: z.literal(PLUGIN),
  entries: z.record(z.string(), z.unknown()),
});

/**
 * Results of analysing files, kept from one computation of the graph to the next, in Nx's own folder for such data (so
 * `nx reset` clears them). A key must name all that its value was computed from. Values that were not asked for are
 * dropped on saving; a file that is damaged, of another format or of another version of the
 * plugin counts as empty.
 */
export class AnalysisCache {
  private readonly used: Record<string, unknown> = {};
  private changed = false;

  private constructor(
    private readonly file: string,
    private readonly known: Readonly<Record<string, unknown>>,
  ) {}

  /** @param env where NX_WORKSPACE_DATA_DIRECTORY may name Nx's folder */
  static open(workspaceRoot: string, env: Readonly<Record<string, string | undefined>>): AnalysisCache {
    const folder = resolve(workspaceRoot, env['NX_WORKSPACE_DATA_DIRECTORY'] ?? join('.nx', 'workspace-data'));
    const file = join(folder, 'build-machines-graph.json');
    return new AnalysisCache(file, readEntries(file));
  }

  /** The value kept under a key, or the newly computed one. */
  get<T>(key: string, compute: () => T): T {
    const known = this.used[key] ?? this.known[key];
    if (known !== undefined) return (this.used[key] = known) as T;
    const value = compute();
    this.used[key] = value;
    this.changed = true;
    return value;
  }

  /** Writes what was used, if that differs from what was read. Another process may do the same: the last one wins. */
  save(): void {
    if (!this.changed && Object.keys(this.used).length === Object.keys(this.known).length) return;
    try {
      mkdirSync(dirname(this.file), { recursive: true });
      writeAsideSync(this.file, JSON.stringify({ format: FORMAT, plugin: PLUGIN, entries: this.used }), 0o644);
    } catch {
      // A read-only or full disk costs the next computation some time, and nothing else.
    }
  }
}

/** A key for a value that is computed from these texts. */
export function cacheKey(kind: string, ...texts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(String(text.length)).update(':').update(text);
  return `${kind}:${hash.digest('base64url')}`;
}

function readEntries(file: string): Record<string, unknown> {
  try {
    const parsed = CacheFile.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    return parsed.success ? parsed.data.entries : {};
  } catch {
    return {}; // Absent or cut short: the same as empty.
  }
}
