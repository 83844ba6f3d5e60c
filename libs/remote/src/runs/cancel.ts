import { setTimeout as sleep } from 'node:timers/promises';
import { RemoteReportedError, RunList, type WorkspaceIdentity } from '@build-machines/protocol';
import { z } from 'zod';
import { getJson, postJson } from '../connection/agent-answer.js';
import type { AgentTransport, TransportFactory } from '../connection/agent-transport.js';

/** Nx gives a task 5 s after a signal: all of a cancellation fits in this many milliseconds. */
export const CANCEL_WITHIN = 4_000;

/** How long the connection at hand may take before another is tried beside it, in milliseconds. */
const HEAD_START = 1_200;

const finalStates: readonly string[] = ['succeeded', 'failed', 'cancelled', 'lost'];

/** Which run to cancel: by identity or, where the answer that told it never came, by what was submitted. */
export type CancelTarget =
  { readonly runId: string } | { readonly workspace: WorkspaceIdentity; readonly label: string };

/**
 * Tells the agent to cancel a run: over the transport at hand and, when that does not answer soon, over a new one, for
 * it may be dead without our knowing.
 * @returns whether the agent confirmed it within `signal`'s time, or had no such run.
 */
export async function cancelRun(
  target: CancelTarget,
  way: {
    readonly machine: string;
    /** Who cancels: a run that others of the workspace want as well goes on for them. */
    readonly client: string;
    readonly current: AgentTransport | undefined;
    readonly connect: TransportFactory;
    readonly signal: AbortSignal;
  },
): Promise<boolean> {
  const { machine, client, current, connect, signal } = way;
  const teller = { machine, client, target, signal };
  const overCurrent = async () => {
    if (current === undefined) throw new Error('there is no connection');
    await tell(current, teller);
  };
  const overNew = async () => {
    if (current !== undefined) await sleep(HEAD_START, undefined, { signal: headStart.signal }).catch(() => undefined);
    signal.throwIfAborted();
    if (isTold) return; // A second one could reach a run that somebody has started since.
    const transport = await connect({ signal, fresh: true });
    try {
      await tell(transport, teller);
    } finally {
      transport.close();
    }
  };
  const headStart = new AbortController();
  let isTold = false;
  const first = overCurrent().catch((error: unknown) => {
    headStart.abort();
    throw error;
  });
  try {
    await Promise.any([first, overNew()]);
    isTold = true;
    return true;
  } catch {
    return false; // Neither way led to the agent in time; the caller says so.
  } finally {
    headStart.abort();
  }
}

async function tell(
  transport: AgentTransport,
  teller: {
    readonly machine: string;
    readonly client: string;
    readonly target: CancelTarget;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { machine, client, target, signal } = teller;
  for (const runId of 'runId' in target ? [target.runId] : await findRuns(transport, machine, target, signal)) {
    try {
      const path = `/v1/runs/${runId}/cancel`;
      const json = { reason: 'cancelled on the workstation', client };
      await postJson(transport, machine, { path, json, schema: z.unknown(), signal });
    } catch (error) {
      if (!(error instanceof RemoteReportedError) || error.code !== 'run-unknown') throw error;
    }
  }
}

async function findRuns(
  transport: AgentTransport,
  machine: string,
  { workspace, label }: { workspace: WorkspaceIdentity; label: string },
  signal: AbortSignal,
): Promise<string[]> {
  const { runs } = await getJson(transport, machine, '/v1/runs', RunList, signal);
  return runs
    .filter((run) => run.label === label && !finalStates.includes(run.state))
    .filter((run) => run.workspace.id === workspace.id && run.workspace.user === workspace.user)
    .map(({ runId }) => runId);
}
