import type { Readable } from 'node:stream';
import { RunEvent } from '@build-machines/protocol';
import { MAX_ANSWER_BYTES } from '../connection/agent-answer.js';
import { AgentAnswerError, ConnectionLostError } from '../connection/connection-errors.js';

/** Without any event, `keepalive` included, for this long the connection counts as dead; in milliseconds. */
const SILENCE = 60_000;

/**
 * The events of an NDJSON answer, in order. The body is destroyed when the consumer stops.
 * @throws ConnectionLostError when the stream breaks off, or is silent for too long; AgentAnswerError on a line that is
 * no event, or does not end within `maxLine` characters.
 */
export async function* readEvents(
  machine: string,
  body: Readable,
  maxLine = MAX_ANSWER_BYTES,
): AsyncGenerator<RunEvent> {
  const silence = setTimeout(() => body.destroy(new Error(`nothing came for ${String(SILENCE / 1000)} s`)), SILENCE);
  try {
    for await (const line of linesOf(machine, body, maxLine)) {
      silence.refresh();
      yield parseEvent(machine, line);
    }
  } finally {
    clearTimeout(silence);
    body.destroy();
  }
}

async function* linesOf(machine: string, body: Readable, maxLine: number): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let parts: string[] = [];
  let length = 0;
  try {
    for await (const chunk of body) {
      const [first = '', ...rest] = decoder.decode(chunk as Buffer, { stream: true }).split('\n');
      parts.push(first);
      length += first.length;
      if (length > maxLine)
        throw new AgentAnswerError(machine, `an event is longer than ${String(maxLine)} characters`);
      for (const next of rest) {
        const line = parts.join('');
        parts = [next];
        length = next.length;
        if (line !== '') yield line;
      }
    }
  } catch (error) {
    if (error instanceof AgentAnswerError) throw error;
    const what = error instanceof Error ? error.message : String(error);
    throw new ConnectionLostError({ name: machine, sshHost: '', sshPort: 0 }, what, error);
  }
}

function parseEvent(machine: string, line: string): RunEvent {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch (error) {
    throw new AgentAnswerError(machine, 'a line of its event stream is not JSON', error);
  }
  const event = RunEvent.safeParse(json);
  if (!event.success) {
    const issue = event.error.issues[0];
    throw new AgentAnswerError(
      machine,
      `an event is not understood (${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''})`,
    );
  }
  return event.data;
}
