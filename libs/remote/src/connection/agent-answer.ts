import type { Readable } from 'node:stream';
import { ErrorBody, PROTOCOL_VERSION, RemoteReportedError } from '@build-machines/protocol';
import type { z } from 'zod';
import type { AgentResponse, AgentTransport } from './agent-transport.js';
import { AgentAnswerError, ConnectionLostError, ProtocolMismatchError } from './connection-errors.js';

/** What is read into memory of one answer, or of one line of a stream, in bytes: a million digests fit. */
export const MAX_ANSWER_BYTES = 96 * 1024 * 1024;

/**
 * Reads a JSON answer of status 2xx.
 * @throws RemoteReportedError for the agent's errors, AgentAnswerError for what no agent sends, ConnectionLostError when
 * the answer breaks off.
 */
export async function readAnswer<T>(machine: string, response: AgentResponse, schema: z.ZodType<T>): Promise<T> {
  await expectSuccess(machine, response);
  const parsed = schema.safeParse(await readJson(machine, response));
  if (!parsed.success)
    throw new AgentAnswerError(machine, parsed.error.issues[0]?.message ?? 'wrong shape', parsed.error);
  return parsed.data;
}

/** Returns when the status is 2xx and leaves the body alone; else reads the error body and throws it. */
export async function expectSuccess(machine: string, response: AgentResponse): Promise<void> {
  if (response.status >= 200 && response.status < 300) return;
  throw await reportedError(machine, response);
}

/** The error that an answer of another status than 2xx carries. */
export async function reportedError(machine: string, response: AgentResponse): Promise<Error> {
  const raw = await readJson(machine, response);
  const body = ErrorBody.safeParse(raw);
  if (!body.success) return new AgentAnswerError(machine, `status ${String(response.status)} without an error body`);
  return new RemoteReportedError(body.data, response.status);
}

/** A GET whose answer is JSON. */
export async function getJson<T>(
  transport: AgentTransport,
  machine: string,
  path: string,
  schema: z.ZodType<T>,
  signal?: AbortSignal,
): Promise<T> {
  return readAnswer(machine, await transport.request({ method: 'GET', path, signal }), schema);
}

/** A POST of JSON whose answer is JSON. */
export async function postJson<T>(
  transport: AgentTransport,
  machine: string,
  { path, json, schema, signal }: { path: string; json: unknown; schema: z.ZodType<T>; signal?: AbortSignal },
): Promise<T> {
  const body = Buffer.from(JSON.stringify(json), 'utf8');
  const headers = { 'content-type': 'application/json' };
  return readAnswer(machine, await transport.request({ method: 'POST', path, headers, body, signal }), schema);
}

/** @throws ProtocolMismatchError when an answer's `protocol` is not ours; before any schema judges the rest. */
export function checkProtocol(machine: string, answer: unknown): void {
  const theirs = (answer as { protocol?: unknown } | null)?.protocol;
  if (theirs !== PROTOCOL_VERSION) throw new ProtocolMismatchError(machine, theirs, PROTOCOL_VERSION);
}

/** @throws ConnectionLostError when the body breaks off, AgentAnswerError when it is not JSON or endless. */
export async function readJson(
  machine: string,
  response: { readonly body: Readable },
  maxBytes = MAX_ANSWER_BYTES,
): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of response.body) {
      const bytes = Buffer.from(chunk as Buffer);
      length += bytes.length;
      if (length > maxBytes) break;
      chunks.push(bytes);
    }
  } catch (error) {
    throw new ConnectionLostError({ name: machine, sshHost: '', sshPort: 0 }, 'an answer broke off', error);
  }
  if (length > maxBytes) throw new AgentAnswerError(machine, `it is longer than ${String(maxBytes)} bytes`);
  const content = Buffer.concat(chunks).toString('utf8');
  try {
    return JSON.parse(content);
  } catch (error) {
    throw new AgentAnswerError(machine, 'it is not JSON', error);
  }
}
