import { setTimeout as sleep } from 'node:timers/promises';
import { hasErrorCode } from '@build-machines/machines';
import { SIGN_OF_LIFE, type AgentRequest, type AgentResponse, type AgentTransport } from './agent-transport.js';
import { AgentHangsError } from './connection-errors.js';

/** When an answer is late, and how long the way to the agent may take to ask; milliseconds. */
export interface WatchTimes {
  readonly every: number;
  readonly within: number;
}

/** `within` is above what a transport itself needs to tell a slow connection from an agent that hangs. */
const TIMES: WatchTimes = { every: 3_000, within: 20_000 };
/** So many questions in a row must stay unanswered: one can meet the agent while the machine swaps. */
const UNANSWERED = 2;

/**
 * A transport that notices an agent which has stopped answering. A request may wait for long, behind other runs or for a
 * large tree to be written; so while one waits, the agent is asked for a sign of life beside it.
 * @throws AgentHangsError from `request`, when there is none.
 */
export function watchedTransport(transport: AgentTransport, machine: string, times = TIMES): AgentTransport {
  return {
    request: (request) => watched(transport, machine, request, times),
    exec: (command, request) => transport.exec(command, request),
    close: () => {
      transport.close();
    },
  };
}

async function watched(
  transport: AgentTransport,
  machine: string,
  request: AgentRequest,
  times: WatchTimes,
): Promise<AgentResponse> {
  const over = new AbortController();
  const hangs = new AbortController();
  const signal = request.signal === undefined ? hangs.signal : AbortSignal.any([request.signal, hangs.signal]);
  const since = performance.now();
  const watch = watchAgent(transport, { over: over.signal, times }).then((silent) => {
    if (silent) hangs.abort(new AgentHangsError(machine, performance.now() - since));
  });
  try {
    return await transport.request({ ...request, signal });
  } catch (error) {
    throw hangs.signal.aborted ? hangs.signal.reason : error;
  } finally {
    over.abort();
    await watch;
  }
}

/** Asks for signs of life until `over`. @returns whether the agent gave none; false as soon as it is over. */
async function watchAgent(
  transport: AgentTransport,
  { over, times }: { readonly over: AbortSignal; readonly times: WatchTimes },
): Promise<boolean> {
  let unanswered = 0;
  while (unanswered < UNANSWERED) {
    await sleep(times.every, undefined, { signal: over, ref: false }).catch(() => undefined); // Over: seen below.
    const answered =
      over.aborted || (await answers(transport, AbortSignal.any([over, AbortSignal.timeout(times.within)])));
    if (over.aborted) return false;
    unanswered = answered ? 0 : unanswered + 1;
  }
  return true;
}

/**
 * Whether the agent answers, whatever it says. A broken or slow connection counts as an answer: of that the request
 * fails by itself, or gets through in the end.
 */
async function answers(transport: AgentTransport, signal: AbortSignal): Promise<boolean> {
  try {
    const { body } = await transport.request({ ...SIGN_OF_LIFE, signal });
    body.resume();
    return true;
  } catch (error) {
    return !signal.aborted && !hasErrorCode(error, 'agent-hangs');
  }
}
