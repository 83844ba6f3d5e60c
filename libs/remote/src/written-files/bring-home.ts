import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { removeTree } from '@build-machines/owned-files';
import type { Artifact, TreeEntry, WrittenFile } from '@build-machines/protocol';
import { fetchArtifacts } from '../artifacts/fetch-artifacts.js';
import type { TransportFactory } from '../connection/agent-transport.js';
import { ensureWorkspaceState, outputTurn } from '../workspace-state/workspace-state.js';
import { layHome, type LaidHome } from './lay-home.js';

export interface BringHomeOptions {
  readonly connect: TransportFactory;
  readonly machine: string;
  /** Absolute path. */
  readonly workspaceRoot: string;
  /** Files that the run created or changed, those that the user asked for. */
  readonly files: readonly WrittenFile[];
  /** What was sent for the run. */
  readonly sent: readonly TreeEntry[];
  readonly maxBytes?: number;
  readonly signal: AbortSignal;
}

/**
 * Fetches what a run wrote beside its sources and puts it into the workspace; see {@link layHome} for what is refused.
 * @throws what fetchArtifacts throws; then nothing has changed here.
 */
export async function bringHome(options: BringHomeOptions): Promise<LaidHome[]> {
  const { connect, machine, workspaceRoot, files, sent, maxBytes, signal } = options;
  const wanted = files.flatMap((file) => (file.sha256 === null ? [] : [{ ...file, sha256: file.sha256 }]));
  const unkept = files.filter(({ sha256 }) => sha256 === null);
  const laid: LaidHome[] = unkept.map(({ path }) => ({
    path,
    how: 'refused',
    why: 'the machine did not keep it: it is no regular file, or too large',
  }));
  if (wanted.length === 0) return laid;
  const { folder } = await ensureWorkspaceState(workspaceRoot);
  const staging = join(folder, 'written', randomUUID());
  const artifacts = wanted.map(({ size, sha256, mode }, index): Artifact => ({
    path: String(index),
    kind: 'file',
    size,
    sha256,
    mode: mode & 0o111 ? 0o755 : 0o644,
  }));
  try {
    const turnFile = await outputTurn(workspaceRoot, staging);
    const manifest = { version: 1 as const, artifacts };
    const madeFor = 'files that a run wrote';
    await fetchArtifacts({ connect, machine, manifest, destination: staging, madeFor, turnFile, maxBytes, signal });
    const sentByPath = new Map(sent.map((entry) => [entry.path, entry]));
    for (const [index, file] of wanted.entries())
      laid.push(await layHome(workspaceRoot, file, join(staging, String(index)), sentByPath.get(file.path)));
    return laid;
  } finally {
    await removeTree(staging);
  }
}
