import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { BuildMachinesError } from '@build-machines/protocol';
import { join } from 'node:path';
import { bannerOnce } from '../../network/ssh-banner.js';
import { readIfPresent } from '../../disk/missing.js';
import { recordedChildren } from '../../supervision/child-record.js';
import { specDigest, type ChildSpec } from '../../supervision/child-spec.js';
import { runningInstance } from '../../supervision/instance.js';
import { SANDBOX_CHILDREN } from './children.js';
import type { SandboxLayout } from './layout.js';
import type { SandboxRecord } from './sandbox-record.js';
import { endOf } from './start-supervisor.js';
import { SupervisorConfig } from './supervisor-config.js';

/** A part of the sandbox did not come up. */
export class SandboxNotReadyError extends BuildMachinesError {
  readonly code = 'sandbox-not-ready';
}

/** How long a supervisor that runs may take to mend its machine before `up` does it anew, in milliseconds. */
const MENDING_MS = 5_000;

/**
 * Whether all parts of the sandbox run, and sshd and agent answer. While its supervisor runs, a part that was just killed
 * or started is given time to come up.
 * @param options.withinMs how much time, in milliseconds; default 5 000.
 */
export async function isOrBecomesReady(
  layout: SandboxLayout,
  ports: Pick<SandboxRecord, 'sshdPort'>,
  { withinMs = MENDING_MS, signal }: { readonly withinMs?: number; readonly signal?: AbortSignal } = {},
): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while ((await runningInstance(layout.supervisorInstance)) !== undefined) {
    if (await isReady(layout, ports)) return true;
    if (performance.now() > deadline) return false;
    await sleep(50, undefined, { signal });
  }
  return false;
}

async function isReady(layout: SandboxLayout, ports: Pick<SandboxRecord, 'sshdPort'>): Promise<boolean> {
  const children = await recordedChildren(layout.supervisor);
  const runs = SANDBOX_CHILDREN.every((name) => children.some((child) => child.name === name && child.running));
  return runs && (await missingPart(layout, ports)) === undefined;
}

/**
 * Waits until every part runs as the supervisor's configuration says, and sshd and agent answer on this computer. Those of
 * the configuration before answer until the supervisor comes to end them, and would be gone for the next who asks.
 * @throws SandboxNotReadyError naming the part, with the end of its log.
 */
export async function waitUntilReady(
  layout: SandboxLayout,
  ports: Pick<SandboxRecord, 'sshdPort'>,
  { patienceMs, signal }: { readonly patienceMs: number; readonly signal?: AbortSignal },
): Promise<void> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const part = (await missingPart(layout, ports)) ?? (await partOfBefore(layout));
    if (part === undefined) return;
    if (performance.now() > deadline) {
      const log = join(layout.supervisor, `${part}.log`);
      throw new SandboxNotReadyError(
        `the sandbox's ${part} does not answer after ${patienceMs / 1000} s: ${await endOf(log)}`,
        { hint: `Its log is ${log}. Try again after taking the machine down.` },
      );
    }
    await sleep(50, undefined, { signal });
  }
}

/** A part that does not run with its present configuration, if there is one. */
async function partOfBefore(layout: SandboxLayout): Promise<string | undefined> {
  const { children } = SupervisorConfig.parse(JSON.parse((await readIfPresent(layout.supervisorConfig)) ?? ''));
  const records = await recordedChildren(layout.supervisor);
  const runs = (child: ChildSpec): boolean =>
    records.some(({ name, spec, running }) => name === child.name && running && spec === specDigest(child));
  return children.find((child) => !runs(child))?.name;
}

async function missingPart(
  layout: SandboxLayout,
  { sshdPort }: Pick<SandboxRecord, 'sshdPort'>,
): Promise<'sshd' | 'agent' | undefined> {
  const sshd = await bannerOnce('127.0.0.1', sshdPort, 2_000).catch(() => undefined);
  if (sshd === undefined) return 'sshd';
  return (await accepts(layout.agentSocket)) ? undefined : 'agent';
}

/** Whether something accepts connections on a Unix socket; one that a killed agent left behind does not. */
function accepts(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}
