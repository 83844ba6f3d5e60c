import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { killGroup } from '../processes/end-processes.js';
import { identifyProcess, isRunning, type ProcessIdentity } from '../processes/process-identity.js';
import { HEALTHY_AFTER_MS, restartDelay } from './backoff.js';
import { closeLog, openLog } from './capped-log.js';
import { readChildRecord, removeChildRecord, writeChildRecord } from './child-record.js';
import { specDigest, type ChildSpec } from './child-spec.js';
import { endChild } from './end-child.js';

/** How often an adopted child, whose exit we are not told of, is looked at, in milliseconds. */
const LOOK_EVERY_MS = 250;

/** What happens to a child, for logs. */
export type ChildEvent =
  | { readonly type: 'started' | 'adopted'; readonly child: string; readonly pid: number }
  | { readonly type: 'ended-leftover'; readonly child: string; readonly pid: number }
  | { readonly type: 'exited'; readonly child: string; readonly how: string; readonly restartInMs: number };

/** Keeps one program running: adopts the one that a killed supervisor left, starts it, starts it again when it ends. */
export class SupervisedChild {
  readonly logFile: string;
  #identity: ProcessIdentity | undefined;
  #restarts = 0;
  readonly #leaving = new AbortController();
  readonly #loop: Promise<void>;

  constructor(
    readonly spec: ChildSpec,
    private readonly folder: string,
    private readonly onEvent: (event: ChildEvent) => void,
    private readonly random: () => number,
  ) {
    this.logFile = join(folder, `${spec.name}.log`);
    this.#loop = this.#keepRunning();
  }

  /** The process, while it runs. */
  get pid(): number | undefined {
    return this.#identity?.pid;
  }

  /** How often it was started again. */
  get restarts(): number {
    return this.#restarts;
  }

  /** Settles when the loop ends; rejects on a fault of ours, such as a folder that cannot be written. */
  get done(): Promise<void> {
    return this.#loop;
  }

  /** Ends the program and the watch over it. Rejects as {@link done} does, but only once the program has ended. */
  async stop(): Promise<void> {
    try {
      await this.handOver();
    } finally {
      const { stopSignal, graceMs, endDescendants = false } = this.spec;
      if (this.#identity !== undefined) {
        await endChild(this.#identity, { signal: stopSignal, graceMs, endDescendants });
        this.#bury(this.#identity.pid);
      }
      await removeChildRecord(this.folder, this.spec.name);
    }
  }

  /** Ends the watch and leaves the program running, for another supervisor to adopt. */
  async handOver(): Promise<void> {
    this.#leaving.abort();
    await this.#loop;
  }

  async #keepRunning(): Promise<void> {
    const { signal } = this.#leaving;
    let quickExits = 0;
    while (!signal.aborted) {
      const startedAt = performance.now();
      const how = await this.#runOnce(signal);
      if (signal.aborted) return;
      quickExits = performance.now() - startedAt >= HEALTHY_AFTER_MS ? 1 : quickExits + 1;
      const restartInMs = restartDelay(quickExits, this.random());
      this.onEvent({ type: 'exited', child: this.spec.name, how, restartInMs });
      await sleepUnless(signal, restartInMs);
      this.#restarts += 1;
    }
  }

  /** Adopts or starts the program and waits for its end, or for `signal`. Returns how it ended. */
  async #runOnce(signal: AbortSignal): Promise<string> {
    const adopted = await this.#adoptLeftover();
    if (adopted !== undefined) {
      this.#identity = adopted;
      while (isRunning(adopted) && !signal.aborted) await sleepUnless(signal, LOOK_EVERY_MS);
      if (!signal.aborted) this.#bury(adopted.pid);
      return 'ended';
    }
    return this.#start(signal);
  }

  async #adoptLeftover(): Promise<ProcessIdentity | undefined> {
    const record = await readChildRecord(this.folder, this.spec.name);
    if (record === undefined || !isRunning(record.identity)) return undefined;
    const { pid } = record.identity;
    if (record.spec === specDigest(this.spec)) {
      this.onEvent({ type: 'adopted', child: this.spec.name, pid });
      return record.identity;
    }
    await endChild(record.identity, { endDescendants: record.endDescendants });
    this.onEvent({ type: 'ended-leftover', child: this.spec.name, pid });
    return undefined;
  }

  async #start(signal: AbortSignal): Promise<string> {
    const { name, command, args, cwd, env, endDescendants = false } = this.spec;
    const log = openLog(this.logFile);
    // Detached: a group of its own, so that what it leaves behind can be ended with it, and no signal of our terminal.
    const child = spawn(command, [...args], { cwd, env, detached: true, stdio: ['ignore', log, log] });
    closeLog(log);
    const ended = new Promise<string>((resolve) => {
      child.once('error', (error) => {
        resolve(`could not be started: ${error.message}`);
      });
      child.once('exit', (code, byWhat) => {
        resolve(byWhat === null ? `exited with status ${String(code)}` : `was ended by ${byWhat}`);
      });
    });
    const { pid } = child;
    if (pid === undefined) return ended;
    this.#identity = identifyProcess(pid);
    if (this.#identity !== undefined)
      await writeChildRecord(this.folder, {
        name,
        identity: this.#identity,
        spec: specDigest(this.spec),
        endDescendants,
      });
    this.onEvent({ type: 'started', child: name, pid });
    const how = await Promise.race([ended, aborted(signal)]);
    if (!signal.aborted) this.#bury(pid);
    return how;
  }

  #bury(pid: number): void {
    this.#identity = undefined;
    killGroup(pid);
  }
}

function aborted(signal: AbortSignal): Promise<string> {
  return new Promise((resolve) => {
    const left = (): void => {
      resolve('was left');
    };
    if (signal.aborted) left();
    else signal.addEventListener('abort', left, { once: true });
  });
}

async function sleepUnless(signal: AbortSignal, milliseconds: number): Promise<void> {
  try {
    await sleep(milliseconds, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
