import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { readIfPresent } from '../../disk/missing.js';
import { capLog } from '../../supervision/capped-log.js';
import { endProcesses } from '../../processes/end-processes.js';
import { claimInstance, forgetInstance, runningInstance } from '../../supervision/instance.js';
import { endRecordedChildren, supervise } from '../../supervision/supervise.js';
import { keepBridgeAlive } from './revive-bridge.js';
import { SupervisorConfig } from './supervisor-config.js';

/** How often the supervisor looks whether its sandbox still exists, in milliseconds. */
const LOOK_EVERY_MS = 2_000;

/** How long a supervisor may take to end its programs in order, in milliseconds. */
const ORDERLY_MS = 25_000;

/**
 * The supervisor of one sandbox: keeps sshd, agent and tunnel running, and the bridge alive.
 * @param stop ends it and the machine.
 * @param leave ends it and leaves the machine running, for the next supervisor.
 * @returns the exit status.
 */
export async function runSupervisor(
  configFile: string,
  { stop, leave }: { readonly stop: AbortSignal; readonly leave: AbortSignal },
  log: (message: string) => void,
): Promise<number> {
  const config = SupervisorConfig.parse(JSON.parse(await readFile(configFile, 'utf8')));
  const other = await claimInstance(config.instanceFile);
  if (other !== undefined) {
    log(`another supervisor of ${config.name} runs already (process ${other.pid})`);
    return 0;
  }
  const ending = new AbortController();
  const over = whicheverAborts(stop, leave, ending.signal);
  const supervision = await supervise(config.children, {
    folder: config.folder,
    onEvent: (event) => {
      log(JSON.stringify(event));
    },
  });
  supervision.done.catch((error: unknown) => {
    log(`supervision failed: ${String(error)}`);
    ending.abort();
  });
  const bridgeWatch = config.bridge === null ? undefined : keepBridgeAlive(config.bridge, over, log);
  while (!over.aborted) {
    await sleep(LOOK_EVERY_MS, undefined, { signal: over }).catch(() => undefined);
    if ((await readIfPresent(configFile)) === undefined) ending.abort();
    await capLog(config.logFile);
  }
  await bridgeWatch;
  if (leave.aborted && !stop.aborted) {
    await supervision.handOver();
    log('left the machine to another supervisor');
    return 0;
  }
  await supervision.stop();
  await forgetInstance(config.instanceFile);
  log('ended');
  return ending.signal.aborted ? 1 : 0;
}

/** `AbortSignal.any`, which Node 18 on an adopted host does not have. */
function whicheverAborts(...signals: AbortSignal[]): AbortSignal {
  const either = new AbortController();
  for (const signal of signals) {
    if (signal.aborted) either.abort();
    signal.addEventListener('abort', () => {
      either.abort();
    });
  }
  return either.signal;
}

/**
 * Ends the supervisor of a configuration and all that it kept running, also what a killed one left.
 * @returns the exit status: 1 when something could not be ended.
 */
export async function endSupervisor(configFile: string): Promise<number> {
  const config = SupervisorConfig.parse(JSON.parse(await readFile(configFile, 'utf8')));
  const running = await runningInstance(config.instanceFile);
  const left = running === undefined ? [] : await endProcesses([running], { graceMs: ORDERLY_MS });
  await endRecordedChildren(config.folder);
  await forgetInstance(config.instanceFile);
  return left.length === 0 ? 0 : 1;
}
