import { openWarmSession } from '@build-machines/remote';
import { userInfo } from 'node:os';
import type { OpenedMachine } from '../machine-task/opened-machine.js';
import type { RunConsole } from './run-console.js';
import { sessionCommand, type SessionTask } from './session-task.js';
import { watchSources } from './watch-sources.js';

/**
 * Keeps a GHCi warm on the machine, and on every save sends the difference and has it reload. Runs until it is
 * interrupted, which is success, or until GHCi ends.
 */
export async function watchProject(
  task: Omit<SessionTask, 'report'>,
  machine: OpenedMachine,
  console: RunConsole,
): Promise<boolean> {
  const { workspaceRoot, project, signal } = task;
  const scope = { roots: [...project.roots], files: [...project.files] };
  const session = await openWarmSession({
    connect: machine.connect,
    workspaceRoot,
    machine: machine.machine.definition.name,
    user: userInfo().username,
    scope,
    command: sessionCommand(task, machine),
    onOutput: (stream, text) => {
      console.report({ type: 'output', stream, text });
    },
    signal,
  });
  const watching = watchSources(workspaceRoot, scope, async () => {
    const { filesSent, filesRemoved } = await session.sync();
    // Editors touch files without changing them.
    if (filesSent + filesRemoved === 0) return;
    console.note(`sent ${filesSent} files, removed ${filesRemoved}; reloading`);
    session.write(':reload\n');
  });
  const interrupted = new Promise<'interrupted'>((resolve) => {
    signal.addEventListener('abort', () => {
      resolve('interrupted');
    });
  });
  try {
    console.note('watching; Ctrl-C ends it');
    const end = await Promise.race([session.ended, interrupted, watching.failed]);
    return end === 'interrupted' || end.exitCode === 0;
  } finally {
    watching.close();
    session.close();
  }
}
