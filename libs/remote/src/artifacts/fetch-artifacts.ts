import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { isReservedPath, OwnedFolder } from '@build-machines/owned-files';
import {
  BuildMachinesError,
  RemoteReportedError,
  type Artifact,
  type ArtifactManifest,
} from '@build-machines/protocol';
import { z } from 'zod';
import { expectSuccess } from '../connection/agent-answer.js';
import type { AgentTransport, TransportFactory } from '../connection/agent-transport.js';
import { AgentLink } from '../runs/agent-link.js';
import { inTurn } from '../runs/turn.js';
import { ARTIFACTS_MAX_BYTES, requireWithin, SpaceWatch } from './artifact-bounds.js';
import { ArtifactCorruptError, ArtifactsLostError, DestinationError } from './artifact-errors.js';
import { localContent, type LocalContent } from './local-content.js';
import { receiveArtifacts } from './receive-artifacts.js';
import { bytesToWrite, layOut } from './lay-out.js';

export interface FetchArtifactsOptions {
  readonly connect: TransportFactory;
  readonly machine: string;
  readonly manifest: ArtifactManifest;
  /** Absolute path of a folder that is ours, empty or absent, without symbolic links; afterwards it holds the artifacts. */
  readonly destination: string;
  /** Who the folder is for, such as `the artifacts of app`; it serves nobody else from then on. */
  readonly madeFor: string;
  /** Path of a file outside of the destination; a lock beside it makes fetches into the folder take turns. */
  readonly turnFile: string;
  /** How many bytes the artifacts may have together, those that are here already too; default 2 GiB. */
  readonly maxBytes?: number | undefined;
  /** Bytes that came so far, of all that have to come. */
  readonly onProgress?: (progress: { readonly received: number; readonly total: number }) => void;
  readonly signal?: AbortSignal;
  /** How long to try to get a lost connection back, in milliseconds; default one minute. */
  readonly reconnectFor?: number;
}

/** What a fetch did. */
export interface FetchedArtifacts {
  readonly files: number;
  /** Contents that had to come from the machine, and their bytes. */
  readonly fetchedFiles: number;
  readonly fetchedBytes: number;
}

/**
 * Makes the manifest's artifacts, verified, with their modes, the files that are ours in `destination`. Files of the user
 * in that folder stay. Only contents that are not there are fetched, by one request; no connection is made when nothing
 * lacks. All or nothing: after an error the destination is as it was.
 * @throws ArtifactsLostError when the machine lacks contents (build again), ArtifactCorruptError, ArtifactsTooLargeError,
 * ArtifactSpaceError, DestinationError; NotOursError, OtherOwnerError, ForeignFileError; the classes in
 * connection-errors.ts.
 */
export async function fetchArtifacts(options: FetchArtifactsOptions): Promise<FetchedArtifacts> {
  const { destination, machine, turnFile, signal = new AbortController().signal } = options;
  const artifacts = usableArtifacts(options);
  requireWithin(options.maxBytes ?? ARTIFACTS_MAX_BYTES, machine, artifacts);
  try {
    return await inTurn(turnFile, () => fetchInTurn(options, artifacts), { signal });
  } catch (error) {
    if (error instanceof BuildMachinesError || (error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw new DestinationError(destination, error);
  }
}

async function fetchInTurn(options: FetchArtifactsOptions, artifacts: readonly Artifact[]): Promise<FetchedArtifacts> {
  const folder = await OwnedFolder.claim(options.destination, { madeFor: options.madeFor });
  try {
    const local = await localContent(folder, artifacts);
    if (local.complete) return { files: artifacts.length, fetchedFiles: 0, fetchedBytes: 0 };
    return await fetchInto(folder, options, artifacts, local);
  } catch (error) {
    await folder.abandonIfNew();
    throw error;
  }
}

/** What the manifest lists, each path once, the last of several. @throws ArtifactCorruptError for names that are ours. */
function usableArtifacts({ manifest, machine }: FetchArtifactsOptions): Artifact[] {
  const reserved = manifest.artifacts.find(({ path }) => isReservedPath(path));
  if (reserved !== undefined) throw new ArtifactCorruptError(machine, `it lists "${reserved.path}", a reserved name`);
  return [...new Map(manifest.artifacts.map((artifact) => [artifact.path, ownersAlone(artifact)])).values()];
}

/** With a mode that lets its owner read it, and nobody else write it: a machine does not decide who may change a program. */
function ownersAlone(artifact: Artifact): Artifact {
  return { ...artifact, mode: (artifact.mode & 0o755) | 0o400 };
}

async function fetchInto(
  folder: OwnedFolder,
  options: FetchArtifactsOptions,
  artifacts: readonly Artifact[],
  local: LocalContent,
): Promise<FetchedArtifacts> {
  const { destination, signal } = options;
  const place = artifacts.filter(({ path }) => !local.right.has(path));
  const lacking = new Map<string, Artifact>();
  for (const artifact of place) if (!local.byDigest.has(artifact.sha256)) lacking.set(artifact.sha256, artifact);
  const staging = await folder.stage();
  try {
    const space = new SpaceWatch(staging.folder, destination, bytesToWrite(place, local));
    await space.look();
    const received = join(staging.folder, 'received');
    await mkdir(received);
    if (lacking.size > 0) await receive(options, lacking, received, space);
    await layOut({ tree: staging.tree, received }, place, local);
    signal?.throwIfAborted();
    await folder.exchange(staging, { place: place.map(({ path }) => path), keep: [...local.right] });
  } finally {
    await folder.discard(staging);
  }
  return { files: artifacts.length, fetchedFiles: lacking.size, fetchedBytes: totalBytes(lacking) };
}

async function receive(
  options: FetchArtifactsOptions,
  lacking: ReadonlyMap<string, Artifact>,
  folder: string,
  space: SpaceWatch,
): Promise<void> {
  const { connect, machine, reconnectFor = 60_000, onProgress } = options;
  const signal = options.signal ?? new AbortController().signal;
  const left = new Map(lacking);
  const total = totalBytes(lacking);
  let received = 0;
  const link = new AgentLink(machine, connect, { patience: reconnectFor, onProgress: () => undefined, signal });
  try {
    await link.use(async (transport) => {
      const tar = await request(transport, machine, left, signal);
      await receiveArtifacts(machine, tar, left, {
        folder,
        onBytes: async (count) => {
          await space.write(count);
          onProgress?.({ received: Math.min((received += count), total), total });
        },
        onDone: (digest) => {
          left.delete(digest);
          link.progressed();
        },
      });
    });
  } finally {
    link.drop();
  }
}

async function request(
  transport: AgentTransport,
  machine: string,
  lacking: ReadonlyMap<string, Artifact>,
  signal: AbortSignal,
): Promise<Readable> {
  const body = Buffer.from(JSON.stringify({ digests: [...lacking.keys()] }));
  const headers = { 'content-type': 'application/json' };
  const response = await transport.request({ method: 'POST', path: '/v1/artifacts', headers, body, signal });
  try {
    await expectSuccess(machine, response);
  } catch (error) {
    if (!(error instanceof RemoteReportedError) || error.code !== 'artifact-lost') throw error;
    const details = z.object({ missing: z.array(z.string()) }).safeParse(error.details);
    const missing = details.success ? details.data.missing : [...lacking.keys()];
    throw new ArtifactsLostError(
      machine,
      missing,
      missing.map((digest) => lacking.get(digest)?.path ?? digest),
    );
  }
  return response.body;
}

function totalBytes(artifacts: ReadonlyMap<string, Artifact>): number {
  return [...artifacts.values()].reduce((sum, { size }) => sum + size, 0);
}
