import { setTimeout as sleep } from 'node:timers/promises';
import { BuildMachinesError } from '@build-machines/protocol';
import { readIfPresent } from '../../disk/missing.js';
import { endProcesses } from '../../processes/end-processes.js';
import { spawnDaemon } from '../../processes/spawn-daemon.js';
import { closeLog, openLog } from '../../supervision/capped-log.js';
import { runningInstance } from '../../supervision/instance.js';
import type { SandboxLayout } from './layout.js';
import { SupervisorConfig } from './supervisor-config.js';

/** The supervisor of a sandbox did not start. */
export class SupervisorNotStartedError extends BuildMachinesError {
  readonly code = 'sandbox-supervisor-not-started';
}

/** How long a supervisor may take to say that it runs, in milliseconds: the start of Node on a busy computer. */
const START_PATIENCE_MS = 20_000;

/**
 * Starts the supervisor from the configuration on disk, detached from this process, and waits until it has claimed its
 * place. The caller holds the sandbox's lock.
 * @throws SupervisorNotStartedError with the end of its log.
 */
export async function startSupervisor(layout: SandboxLayout, signal?: AbortSignal): Promise<void> {
  const text = (await readIfPresent(layout.supervisorConfig)) ?? '';
  const { self } = SupervisorConfig.parse(JSON.parse(text));
  const log = openLog(layout.supervisorLog);
  const child = spawnDaemon(self, ['ignore', log, log]);
  closeLog(log);
  let failure: string | undefined;
  child.once('error', (error) => (failure = error.message));
  child.once('exit', (code, byWhat) => {
    if (code !== 0) failure ??= `it exited with ${String(code ?? byWhat)}`;
  });
  child.unref();
  const deadline = performance.now() + START_PATIENCE_MS;
  while ((await runningInstance(layout.supervisorInstance)) === undefined) {
    if (failure !== undefined || performance.now() > deadline)
      throw new SupervisorNotStartedError(
        `the sandbox's supervisor did not start: ${failure ?? 'no sign of it'}; ${await endOf(layout.supervisorLog)}`,
        { hint: `Its log is ${layout.supervisorLog}.` },
      );
    await sleep(30, undefined, { signal });
  }
}

/** Makes a running supervisor leave, without the machine: its children are adopted by the next. */
export async function dismissSupervisor(layout: SandboxLayout): Promise<void> {
  const running = await runningInstance(layout.supervisorInstance);
  if (running !== undefined) await endProcesses([running], { signal: 'SIGHUP', graceMs: 5_000 });
}

/** The last lines of a log, on one line. */
export async function endOf(file: string): Promise<string> {
  const text = (await readIfPresent(file)) ?? '';
  return text.trim().split('\n').slice(-3).join(' | ') || 'its log is empty';
}
