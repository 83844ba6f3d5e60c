import { BuildMachinesError } from '@build-machines/protocol';
import { isPassingFailure, reconnectDelay } from '@build-machines/remote';
import type { ExecutorContext } from '@nx/devkit';
import { setTimeout as sleep } from 'node:timers/promises';
import { formatError } from '../reporting/report-error.js';
import { projectNow } from './project-now.js';
import { type GhciEnd, warmGhci, type WatchTask } from './warm-ghci.js';
import { WatchedFolders } from './watched-folders.js';

/**
 * Keeps a GHCi warm on the machine, and on every save sends the difference and has it reload. Once it stood, nothing but
 * an interruption ends the watch, which is success: a lost connection is made anew, and after a user's mistake the next
 * save counts.
 * @param context of the executor
 */
export async function watchProject(begun: WatchTask, context: ExecutorContext): Promise<boolean> {
  const { workspaceRoot, console, signal } = begun;
  const folders = new WatchedFolders(workspaceRoot);
  let task = begun;
  let stood = false;
  let losses = 0;
  const onOpen = (): void => {
    if (!stood) console.note('watching; Ctrl-C ends it');
    else if (losses > 0) console.note('connected again');
    stood = true;
    losses = 0;
  };
  try {
    for (;;) {
      try {
        const end = await warmGhci(task, folders, { fresh: losses > 0, onOpen });
        if (end.kind === 'ended') {
          console.note(endText(end));
          await folders.saved(signal);
        }
        task = { ...task, ...(await projectNow(context, task)) };
      } catch (error) {
        if (signal.aborted) return true;
        if (!stood || !(error instanceof BuildMachinesError)) throw error;
        if (isPassingFailure(error)) await pause(losses++, error);
        else {
          process.stderr.write(formatError(error));
          await folders.saved(signal);
        }
      }
    }
  } catch (error) {
    if (signal.aborted) return true;
    throw error;
  } finally {
    folders.close();
  }

  async function pause(attempt: number, error: BuildMachinesError): Promise<void> {
    const delay = reconnectDelay(attempt);
    if (attempt === 0) console.note(`${error.message} connecting again`);
    else console.progress('Connecting again', error.message);
    await sleep(delay, undefined, { signal });
  }
}

function endText({ status }: Extract<GhciEnd, { kind: 'ended' }>): string {
  return `GHCi ended ${status === null ? 'by a signal' : `with status ${String(status)}`}; the next save starts it anew`;
}
