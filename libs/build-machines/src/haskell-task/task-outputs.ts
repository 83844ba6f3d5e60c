import { hasErrorCode } from '@build-machines/machines';
import { isSystemError, OwnedFolder } from '@build-machines/owned-files';
import { ArtifactManifest, BuildMachinesError, type RunResult } from '@build-machines/protocol';
import { inTurn, outputTurn } from '@build-machines/remote';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OutputPlace } from './output-places.js';

/**
 * Writes a task's output folder, all of it or nothing: Nx records the state of outputs of failed tasks too, so a
 * half-written folder could be taken for the real one on a later hit. Call it for successful tasks only.
 * @throws NotOursError, OtherOwnerError, ForeignFileError, OutputUnwritableError
 */
export async function writeTaskOutputs(
  workspaceRoot: string,
  { folder, claim }: OutputPlace,
  outputs: { result: RunResult; artifacts: ArtifactManifest; log: string },
  signal: AbortSignal,
): Promise<void> {
  const write = async (): Promise<void> => {
    const owned = await OwnedFolder.claim(folder, claim);
    await owned.writeFiles({
      'artifacts.json': `${JSON.stringify(outputs.artifacts, null, 2)}\n`,
      'log.txt': outputs.log,
      'toolchain.json': `${JSON.stringify(versionsOf(outputs.result), null, 2)}\n`,
    });
  };
  try {
    await inTurn(await outputTurn(workspaceRoot, folder), write, { signal });
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new OutputUnwritableError(folder, error);
  }
}

/** The tools by version only: the same outputs whichever machine ran the task. */
function versionsOf(result: RunResult): Record<string, string> {
  return Object.fromEntries(
    Object.values(result.toolchain).flatMap((tool) => (tool === undefined ? [] : [[tool.tool, tool.version]])),
  );
}

/**
 * Reads the manifest that `remote-build` left.
 * @returns null when there is none or it is not readable as one: the caller builds again.
 */
export async function readArtifactManifest(workspaceRoot: string, folder: string): Promise<ArtifactManifest | null> {
  let text: string;
  try {
    text = await readFile(join(workspaceRoot, folder, 'artifacts.json'), 'utf8');
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return null;
    throw new OutputUnreadableError(join(workspaceRoot, folder, 'artifacts.json'), error);
  }
  const parsed = ArtifactManifest.safeParse(parseJson(text));
  return parsed.success ? parsed.data : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Cut short by a crash or edited by hand: the same as absent.
  }
}

/** What a run left cannot be written: the disk is full, or closed to us. The folder holds what it held. */
export class OutputUnwritableError extends BuildMachinesError {
  readonly code = 'output-unwritable';
  constructor(folder: string, cause: Error) {
    super(`The outputs of the run cannot be written to "${folder}": ${cause.message}.`, {
      hint: 'Check free space and permissions of that folder, then run the target again: what was built is not built again.',
      cause,
    });
  }
}

/** The manifest is there but cannot be read (permissions, disk fault). */
export class OutputUnreadableError extends BuildMachinesError {
  readonly code = 'output-unreadable';
  constructor(path: string, cause: unknown) {
    super(`Cannot read ${path}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      hint: 'Check its permissions, or delete dist/remote and run the target again.',
      cause,
    });
  }
}
