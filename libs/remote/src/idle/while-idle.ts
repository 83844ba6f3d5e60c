import { hasErrorCode } from '@build-machines/machines';
import { type Activity, BusyDetails, RemoteReportedError, RunList } from '@build-machines/protocol';
import { expectSuccess, readAnswer } from '../connection/agent-answer.js';
import type { AgentRequest, AgentResponse } from '../connection/agent-transport.js';
import { MachineBusyError, MachineSilentError } from './machine-busy-error.js';

/** Default of `answersWithinMs`: an agent on a busy computer takes seconds. */
const ANSWERS_WITHIN_MS = 10_000;

/** Errors of the way to an agent that mean that it cannot work for anybody, or that no client can reach it. */
const NO_AGENT = [
  'ENOENT',
  'ECONNREFUSED',
  'agent-down',
  'machine-unreachable',
  'machine-not-up',
  'key-refused',
  'build-key-unusable',
  'host-key-changed',
];

export interface WhileIdleOptions {
  readonly machine: string;
  /** Sends one request to the machine's agent. */
  readonly ask: (request: AgentRequest) => Promise<AgentResponse>;
  /** What the user adds to the command to end what goes on, such as `--force`; errors name it. */
  readonly forcedBy: string;
  /** Whether the user did: then nobody is asked. */
  readonly forced: boolean;
  /** Looks for work that the agent knows nothing of, such as SSH logins. */
  readonly others?: () => Promise<readonly Activity[]>;
  readonly signal?: AbortSignal;
  /** How long an agent may take to say whether it is busy, in milliseconds; default 10 000. */
  readonly answersWithinMs?: number;
}

/**
 * The one rule: a machine that works for somebody is never restarted, changed or replaced. Makes a change while the
 * machine is idle, and lets no new work begin before the change is made. A machine whose agent cannot be reached works
 * for nobody; only {@link WhileIdleOptions.forced} passes the rule.
 * @throws MachineBusyError, MachineSilentError; what the change throws.
 */
export async function whileIdle<T>(options: WhileIdleOptions, change: () => Promise<T>): Promise<T> {
  if (options.forced) return change();
  const release = await hold(options);
  try {
    return await change();
  } finally {
    release();
  }
}

async function hold(options: WhileIdleOptions): Promise<() => void> {
  const { machine, forcedBy, others, signal } = options;
  const release = (await holdAgent(options)) ?? (() => undefined);
  const activities = (await others?.()) ?? [];
  if (activities.length > 0) {
    release();
    throw new MachineBusyError(machine, activities, forcedBy);
  }
  if (signal?.aborted === true) release();
  signal?.throwIfAborted();
  return release;
}

/** @returns ends the hold; undefined where there is no agent. */
async function holdAgent(options: WhileIdleOptions): Promise<(() => void) | undefined> {
  const { machine, ask, forcedBy, signal, answersWithinMs = ANSWERS_WITHIN_MS } = options;
  const ending = new AbortController();
  const silence = setTimeout(() => {
    ending.abort(new MachineSilentError(machine, answersWithinMs / 1000, forcedBy));
  }, answersWithinMs);
  const onAbort = (): void => {
    ending.abort(signal?.reason);
  };
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const response = await ask({ method: 'POST', path: '/v1/hold', signal: ending.signal });
    if (response.status === 404) {
      response.body.destroy();
      refuseWhere(await runsOfEarlierAgent(machine, ask, ending.signal), machine, forcedBy);
      return undefined;
    }
    await expectSuccess(machine, response);
    response.body.on('error', () => undefined).resume();
    return () => {
      ending.abort(new Error('the hold is over'));
      response.body.destroy();
    };
  } catch (error) {
    if (hasErrorCode(error, ...NO_AGENT)) return undefined;
    if (!(error instanceof RemoteReportedError) || error.code !== 'agent-busy') throw error;
    const { activities } = BusyDetails.parse(error.details);
    throw new MachineBusyError(machine, activities, forcedBy);
  } finally {
    clearTimeout(silence);
    signal?.removeEventListener('abort', onAbort);
  }
}

function refuseWhere(activities: readonly Activity[], machine: string, forcedBy: string): void {
  if (activities.length > 0) throw new MachineBusyError(machine, activities, forcedBy);
}

/** What an agent of a release without holds works on. */
async function runsOfEarlierAgent(
  machine: string,
  ask: WhileIdleOptions['ask'],
  signal: AbortSignal,
): Promise<Activity[]> {
  const { runs } = await readAnswer(machine, await ask({ method: 'GET', path: '/v1/runs', signal }), RunList);
  return runs
    .filter(({ state }) => !['succeeded', 'failed', 'cancelled', 'lost'].includes(state))
    .map(({ label, workspace, queuedAt }) => ({
      kind: 'run',
      label,
      user: workspace.user,
      workspace: workspace.id,
      since: queuedAt,
    }));
}
