import { type Artifact, BuildMachinesError } from '@build-machines/protocol';
import prettyBytes from 'pretty-bytes';

/** The machine no longer has some contents: it was replaced, or cleaned up. The caller builds again. */
export class ArtifactsLostError extends BuildMachinesError {
  readonly code = 'artifact-lost';
  readonly missing: readonly string[];
  constructor(machine: string, missing: readonly string[], paths: readonly string[]) {
    const named = paths.slice(0, 3).join(', ');
    super(`Machine "${machine}" no longer has ${String(missing.length)} of the artifacts (${named}).`, {
      hint: 'Build again with "--skip-nx-cache", so that the machine makes them anew.',
      details: { missing },
    });
    this.missing = missing;
  }
}

/** What arrived is not what the manifest promises. Nothing of it was put in place. */
export class ArtifactCorruptError extends BuildMachinesError {
  readonly code = 'artifact-corrupt';
  constructor(machine: string, what: string) {
    super(`An artifact from machine "${machine}" arrived damaged: ${what}. The local files were left as they were.`, {
      hint: 'Fetch again. If it happens twice, check the disk and memory of the machine.',
    });
  }
}

/** The place for the artifacts cannot be written. */
export class DestinationError extends BuildMachinesError {
  readonly code = 'artifact-destination';
  constructor(destination: string, cause: unknown) {
    const why = (cause as NodeJS.ErrnoException).code ?? String(cause);
    super(`Artifacts cannot be written to "${destination}" (${why}).`, {
      hint: 'Check free space and permissions of that folder, then fetch again. It was left as it was.',
      cause,
    });
  }
}

/** The machine lists more than the user lets a fetch bring. Nothing was asked of it. */
export class ArtifactsTooLargeError extends BuildMachinesError {
  readonly code = 'artifacts-too-large';
  constructor(machine: string, bytes: number, maxBytes: number, largest: Artifact) {
    super(
      `Machine "${machine}" lists artifacts of ${prettyBytes(bytes)}, more than the ${prettyBytes(maxBytes)} that a fetch ` +
        `may bring; the largest is ${largest.path} (${prettyBytes(largest.size)}).`,
      {
        hint: 'If the build is meant to make that much, raise "artifactsMaxMiB": in the options of this target, or for all projects in targetDefaults of nx.json.',
        details: { bytes, maxBytes, largest: largest.path },
      },
    );
  }
}

/** The workstation's disk has no room for the artifacts, or runs out of it while they come. What came was removed. */
export class ArtifactSpaceError extends BuildMachinesError {
  readonly code = 'artifact-space';
  constructor(destination: string, neededBytes: number, freeBytes: number, reserveBytes: number) {
    super(
      `Artifacts of ${prettyBytes(neededBytes)} do not fit at "${destination}": ${prettyBytes(freeBytes)} are free there, ` +
        `of which ${prettyBytes(reserveBytes)} stay free.`,
      {
        hint: 'Make room on that disk, then fetch again. The folder was left as it was.',
        details: { neededBytes, freeBytes, reserveBytes },
      },
    );
  }
}
