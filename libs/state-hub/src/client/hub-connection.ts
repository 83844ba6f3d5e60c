import type { Readable } from 'node:stream';
import { ErrorBody, RemoteReportedError } from '@build-machines/protocol';
import { type Dispatcher, request } from 'undici';
import type { z } from 'zod';
import { HubAnswerError, HubUnreachableError } from './hub-client-errors.js';

/** How long a request may take by default, in milliseconds. */
const TIMEOUT_MS = 10_000;

/** 502, 503 and 504 (RFC 9110, 15.6.3 to 15.6.5). */
const AWAY: ReadonlySet<number> = new Set([502, 503, 504]);

export interface HubConnectionOptions {
  /** Base address of the hub, such as `http://127.0.0.1:8000`. */
  url: string;
  /**
   * Secret sent as bearer token. Absent: only the catalog of a loopback hub. A function is asked before each request, and
   * what it throws is the request's end: by then the hub may have gone, and another program be in its place.
   */
  token?: string | (() => string) | undefined;
  /** An undici dispatcher, for a proxy or own TLS settings. */
  dispatcher?: Dispatcher;
}

export interface HubRequest {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  query?: Record<string, string | number | readonly string[] | undefined>;
  json?: unknown;
  body?: Buffer;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
  timeoutMs?: number;
}

/** One way to a hub: requests with the token, errors as typed errors. */
export class HubConnection {
  readonly url: string;
  readonly #options: HubConnectionOptions;

  constructor(options: HubConnectionOptions) {
    this.#options = options;
    this.url = options.url.replace(/\/+$/, '');
  }

  /**
   * Sends a request and parses its JSON answer.
   * @throws HubUnreachableError; RemoteReportedError with the hub's own code and status; HubAnswerError.
   */
  async json<Schema extends z.ZodType>(schema: Schema, path: string, sent: HubRequest = {}): Promise<z.output<Schema>> {
    const { body } = await this.send(path, sent);
    const parsed = schema.safeParse(await this.#readJson(body));
    if (!parsed.success) throw new HubAnswerError(this.url, parsed.error.message);
    return parsed.data;
  }

  /** Sends a request whose answer has no content that matters. Throws as {@link json} does. */
  async discard(path: string, sent: HubRequest): Promise<void> {
    const { body } = await this.send(path, sent);
    await body.dump();
  }

  /** Sends a request and hands its body over as it arrives; the time limit covers the headers only. */
  async stream(path: string, sent: HubRequest = {}): Promise<Readable> {
    return (await this.send(path, sent, true)).body;
  }

  /** @throws as {@link json} does. */
  async send(path: string, sent: HubRequest, streaming = false): Promise<Dispatcher.ResponseData> {
    const timeoutMs = sent.timeoutMs ?? TIMEOUT_MS;
    const { token: given } = this.#options;
    const token = typeof given === 'function' ? given() : given;
    let answer: Dispatcher.ResponseData;
    try {
      answer = await request(`${this.url}${path}${queryString(sent.query)}`, {
        method: sent.method ?? 'GET',
        headers: {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(sent.json === undefined ? {} : { 'content-type': 'application/json' }),
          ...sent.headers,
        },
        body: sent.json === undefined ? (sent.body ?? null) : JSON.stringify(sent.json),
        // A connection of its own: a kept one may have been closed by a restart of the hub, and would then cost an error.
        reset: true,
        headersTimeout: timeoutMs,
        bodyTimeout: streaming ? 0 : timeoutMs,
        ...(sent.signal === undefined ? {} : { signal: sent.signal }),
        ...(this.#options.dispatcher === undefined ? {} : { dispatcher: this.#options.dispatcher }),
      });
    } catch (error) {
      sent.signal?.throwIfAborted();
      throw new HubUnreachableError(this.url, error);
    }
    if (answer.statusCode >= 400) await this.#throwReported(answer);
    return answer;
  }

  async #throwReported(answer: Dispatcher.ResponseData): Promise<never> {
    const parsed = ErrorBody.safeParse(await this.#readJson(answer.body));
    if (parsed.success) throw new RemoteReportedError(parsed.data, answer.statusCode);
    const problem = `it answered with status ${answer.statusCode} and no error body of a hub`;
    // A hub that is just stopping, or a proxy before one that is down: it may be back in a moment.
    if (AWAY.has(answer.statusCode)) throw new HubUnreachableError(this.url, new Error(problem));
    throw new HubAnswerError(this.url, problem);
  }

  async #readJson(body: Dispatcher.ResponseData['body']): Promise<unknown> {
    let text: string;
    try {
      text = await body.text();
    } catch (error) {
      throw new HubUnreachableError(this.url, error);
    }
    try {
      return JSON.parse(text);
    } catch {
      return undefined; // Not JSON: the caller's schema refuses undefined and says so.
    }
  }
}

function queryString(query: HubRequest['query'] = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    for (const one of Array.isArray(value) ? (value as readonly string[]) : [value])
      parameters.append(name, String(one));
  }
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}
