import { BuildMachinesError } from '@build-machines/protocol';

/** Whether a value of the option `accept` asks for files. */
export function isAccepting(accept: boolean | string | undefined): boolean {
  return accept !== undefined && accept !== false;
}

/**
 * Refuses to bring files home for a task whose result Nx keeps: an answer from the cache would bring none, the next time.
 * @throws AcceptKeptError
 */
export function requireUnkept(task: {
  readonly taskId: string;
  readonly options: { readonly accept?: boolean | string | undefined };
  readonly isKept: boolean;
}): void {
  if (task.isKept && isAccepting(task.options.accept)) throw new AcceptKeptError(task.taskId);
}

/** The option `accept` on a task that Nx caches. */
export class AcceptKeptError extends BuildMachinesError {
  readonly code = 'accept-kept';
  constructor(taskId: string) {
    super(`The result of ${taskId} would be cached, and an answer from the cache brings no files here.`, {
      hint: `Run it without the cache: nx run ${taskId} --accept --skip-nx-cache`,
    });
  }
}
