import { hasErrorCode } from '@build-machines/machines';
import { ArtifactManifest, BuildMachinesError, type RunResult } from '@build-machines/protocol';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * The folder that a remote task leaves as its Nx output: what was built, and the log. Small on purpose: Nx copies
 * outputs whole into its cache. Relative to the workspace.
 */
export function taskOutputFolder(project: string, target: string): string {
  return join('dist', 'remote', '.runs', project, target);
}

/** Where the artifacts of a project go, relative to the workspace. */
export function artifactFolder(project: string): string {
  return join('dist', 'remote', project);
}

/** Where the documentation of a project goes, relative to the workspace: an output of its own target, as artifacts are. */
export function documentationFolder(project: string): string {
  return join('dist', 'haddock', project);
}

/**
 * Writes a task's output folder, beside its place, and swaps it in: Nx records the state of outputs of failed tasks too,
 * so a half-written folder could be taken for the real one on a later hit. Call it for successful tasks only.
 */
export async function writeTaskOutputs(
  workspaceRoot: string,
  folder: string,
  outputs: { result: RunResult; artifacts: ArtifactManifest; log: string },
): Promise<void> {
  const target = join(workspaceRoot, folder);
  const staging = `${target}.${process.pid}.new`;
  try {
    await mkdir(staging, { recursive: true });
    await writeFile(join(staging, 'artifacts.json'), `${JSON.stringify(outputs.artifacts, null, 2)}\n`);
    await writeFile(join(staging, 'log.txt'), outputs.log);
    await writeFile(join(staging, 'toolchain.json'), `${JSON.stringify(versionsOf(outputs.result), null, 2)}\n`);
    await rm(target, { recursive: true, force: true });
    await mkdir(dirname(target), { recursive: true });
    await rename(staging, target);
  } finally {
    await rm(staging, { recursive: true, force: true });
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
