import { ensurePrivateFolder } from '../disk/private-folder.js';
import { capLog } from './capped-log.js';
import { recordedChildren, removeChildRecord } from './child-record.js';
import type { ChildSpec } from './child-spec.js';
import { endChild } from './end-child.js';
import { SupervisedChild, type ChildEvent } from './supervised-child.js';

/** How often logs are measured, in milliseconds. */
const CAP_EVERY_MS = 10_000;

export interface SuperviseOptions {
  /** Where records (`<name>.child.json`) and logs (`<name>.log`) are kept; one supervision per folder at a time. */
  readonly folder: string;
  /** Ends the supervision, and the children with it. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: ChildEvent) => void;
  /** Spreads restarts; default `Math.random`. */
  readonly random?: () => number;
}

/** Programs that are kept running. */
export interface Supervision {
  /** What runs now. */
  status(): { name: string; pid: number | undefined; restarts: number; logFile: string }[];
  /** Ends all children, last first, and the supervision. */
  stop(): Promise<void>;
  /** Ends the supervision only: the children run on, and the next supervision of the folder adopts them. */
  handOver(): Promise<void>;
  /** Settles when the supervision has ended; rejects on a fault of ours. */
  readonly done: Promise<void>;
}

/**
 * Starts programs in the given order and keeps them running: a program that ends, however it ends, is started again after
 * a short wait that grows while it keeps ending early (see backoff.ts). A program that a killed supervisor left running
 * is adopted when its specification is the same, and ended when it differs or is no longer among the children.
 */
export async function supervise(specs: readonly ChildSpec[], options: SuperviseOptions): Promise<Supervision> {
  const { folder, signal, onEvent = () => undefined, random = Math.random } = options;
  await ensurePrivateFolder(folder);
  await endStrangers(specs, folder);
  const children = specs.map((spec) => new SupervisedChild(spec, folder, onEvent, random));
  const capping = setInterval(() => {
    for (const { logFile } of children) capLog(logFile).catch(reportFault);
  }, CAP_EVERY_MS);
  let reportFault: (error: unknown) => void = () => undefined;
  const fault = new Promise<never>((_, reject) => {
    reportFault = reject;
  });
  const allDone = Promise.all(children.map((child) => child.done)).then(() => undefined);
  const done = Promise.race([allDone, fault]).finally(() => {
    clearInterval(capping);
  });
  // Whoever wants to know awaits `done`; here it only must not count as unhandled.
  done.catch(() => undefined);
  const stop = async (): Promise<void> => {
    const faults: unknown[] = [];
    // A child whose watch failed (its log folder was deleted, say) must not keep the others running.
    for (const child of [...children].reverse()) await child.stop().catch((error: unknown) => faults.push(error));
    if (faults.length > 0) throw faults[0] instanceof Error ? faults[0] : new Error(String(faults[0]));
  };
  signal?.addEventListener('abort', () => void stop().catch(reportFault), { once: true });
  return {
    done,
    stop,
    status: () => children.map(({ spec, pid, restarts, logFile }) => ({ name: spec.name, pid, restarts, logFile })),
    handOver: async () => {
      await Promise.all(children.map((child) => child.handOver()));
    },
  };
}

/** Ends children on record that are no longer wanted. */
async function endStrangers(specs: readonly ChildSpec[], folder: string): Promise<void> {
  const wanted = new Set(specs.map(({ name }) => name));
  for (const record of await recordedChildren(folder)) if (!wanted.has(record.name)) await endRecorded(folder, record);
}

/** Ends all children on record in a folder whose supervisor is gone. Returns how many ran. */
export async function endRecordedChildren(folder: string): Promise<number> {
  const records = await recordedChildren(folder);
  for (const record of [...records].reverse()) await endRecorded(folder, record);
  return records.filter(({ running }) => running).length;
}

async function endRecorded(
  folder: string,
  record: Awaited<ReturnType<typeof recordedChildren>>[number],
): Promise<void> {
  await endChild(record.identity, { endDescendants: record.endDescendants });
  await removeChildRecord(folder, record.name);
}
