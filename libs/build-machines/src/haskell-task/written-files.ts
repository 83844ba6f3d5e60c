import { BuildMachinesError, type WrittenFile } from '@build-machines/protocol';
import { bringHome, type LaidHome, type RemoteRun } from '@build-machines/remote';
import picomatch from 'picomatch';
import type { OpenedMachine } from '../machine-task/opened-machine.js';
import type { GroupSurroundings } from './run-group.js';
import type { CabalTask, TaskGroup } from './task-groups.js';

/** So many files are named on one line. */
const NAMED = 3;

/** Says what the run of a group wrote beside its sources, and brings it here for the tasks that ask for it. */
export async function takeWritten(
  group: TaskGroup,
  { result: { written }, sources }: Pick<RemoteRun, 'result' | 'sources'>,
  { machine, connect }: Pick<OpenedMachine, 'machine' | 'connect'>,
  { workspaceRoot, console, signal }: Pick<GroupSurroundings, 'workspaceRoot' | 'console' | 'signal'>,
): Promise<void> {
  if (written.count === 0) return;
  const [first] = group;
  const byTask = new Map<CabalTask, WrittenFile[]>();
  for (const file of written.files) {
    const task = group.find((one) => ownFolders(one).some((folder) => isBelow(file.path, folder))) ?? first;
    byTask.set(task, [...(byTask.get(task) ?? []), file]);
  }
  const refused: LaidHome[] = [];
  for (const [task, files] of byTask) {
    const wanted = files.filter((file) => isWanted(file, task));
    const others = files.filter((file) => !wanted.includes(file));
    if (others.length > 0) console.note(writtenLine(task.taskId, others, written.count - written.files.length));
    if (wanted.length === 0) continue;
    const name = machine.definition.name;
    const laid = await bringHome({
      connect,
      machine: name,
      workspaceRoot,
      files: wanted,
      sent: sources?.entries ?? [],
      signal,
    });
    for (const { path, how } of laid) if (how === 'new' || how === 'replaced') console.note(`${path}: ${how}`);
    refused.push(...laid.filter(({ how }) => how === 'refused'));
  }
  if (refused.length > 0) throw new WrittenFilesRefusedError(refused);
}

/** What a run wrote, and how to get it, on one line. */
export function writtenLine(taskId: string, files: readonly WrittenFile[], unlisted: number): string {
  const named = files.slice(0, NAMED).map(({ path, change }) => (change === 'created' ? path : `${path} (${change})`));
  const rest = files.length - named.length + unlisted;
  const list = [...named, ...(rest > 0 ? [`${String(rest)} more`] : [])].join(', ');
  return `Written beside the sources, and not seen by the next run: ${list}. To keep it here: nx run ${taskId} --accept`;
}

/** Created or changed in the task's own packages, and asked for. */
function isWanted({ path, change }: WrittenFile, task: CabalTask): boolean {
  const { accept } = task.options;
  if (accept === undefined || accept === false || change === 'deleted') return false;
  const folder = ownFolders(task).find((own) => isBelow(path, own));
  if (folder === undefined) return false;
  if (accept === true) return true;
  const inPackage = folder === '.' ? path : path.slice(folder.length + 1);
  return picomatch.isMatch(inPackage, accept, { dot: true }) || picomatch.isMatch(path, accept, { dot: true });
}

/** Folders of the packages that a task is about. */
function ownFolders({ packages, reused }: CabalTask): string[] {
  const own = new Set(packages);
  return reused.flatMap(({ name, sources }) =>
    own.has(name.slice(0, name.lastIndexOf('-'))) ? sources.roots.slice(0, 1) : [],
  );
}

function isBelow(path: string, folder: string): boolean {
  return folder === '.' || path.startsWith(`${folder}/`);
}

/** Files that a run wrote are not put over what is here. */
export class WrittenFilesRefusedError extends BuildMachinesError {
  readonly code = 'written-files-refused';
  constructor(refused: readonly LaidHome[]) {
    const lines = refused.map((one) => `  ${one.path}${one.how === 'refused' ? `: ${one.why}` : ''}`);
    super(`Files that the run wrote were not brought here:\n${lines.join('\n')}`, {
      hint: 'Move or commit what is here, then run the target with --accept again.',
      details: { paths: refused.map(({ path }) => path) },
    });
  }
}
