import { statfs } from 'node:fs/promises';
import type { Artifact } from '@build-machines/protocol';
import { ArtifactSpaceError, ArtifactsTooLargeError } from './artifact-errors.js';

/** How much one fetch may bring by default, in bytes: what a project makes is far less, a disk holds far more. */
export const ARTIFACTS_MAX_BYTES = 2 * 1024 ** 3;

/** So much of the workstation's disk is never filled by artifacts, in bytes: other programs need to go on. */
const RESERVE_BYTES = 64 * 1024 ** 2;

/** Free space is looked at again after so many bytes: less than the reserve, so that it is never used up in between. */
const LOOK_EVERY_BYTES = 16 * 1024 ** 2;

/** @throws ArtifactsTooLargeError when files of these sizes are more than `maxBytes` together. */
export function requireWithin(maxBytes: number, machine: string, artifacts: readonly Artifact[]): void {
  const bytes = artifacts.reduce((sum, { size }) => sum + size, 0);
  const [largest] = [...artifacts].sort((a, b) => b.size - a.size);
  if (bytes > maxBytes && largest !== undefined) throw new ArtifactsTooLargeError(machine, bytes, maxBytes, largest);
}

/** Watches that the disk of a folder holds what is to come, and the reserve. */
export class SpaceWatch {
  readonly #folder: string;
  readonly #destination: string;
  #left: number;
  #sinceLook = 0;

  /** @param neededBytes what is to be written in all. */
  constructor(folder: string, destination: string, neededBytes: number) {
    this.#folder = folder;
    this.#destination = destination;
    this.#left = neededBytes;
  }

  /** @throws ArtifactSpaceError */
  async look(): Promise<void> {
    this.#sinceLook = 0;
    const { bavail, bsize, blocks } = await statfs(this.#folder);
    // Some file systems do not tell; there, a write that fails does.
    if (blocks === 0) return;
    const free = bavail * bsize;
    if (free < this.#left + RESERVE_BYTES)
      throw new ArtifactSpaceError(this.#destination, this.#left, free, RESERVE_BYTES);
  }

  /** Takes note of bytes that are about to be written, and looks again now and then. @throws ArtifactSpaceError */
  async write(bytes: number): Promise<void> {
    if ((this.#sinceLook += bytes) >= LOOK_EVERY_BYTES) await this.look();
    this.#left = Math.max(0, this.#left - bytes);
  }
}
