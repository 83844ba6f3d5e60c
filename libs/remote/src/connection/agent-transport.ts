import type { IncomingHttpHeaders } from 'node:http';
import type { Readable, Writable } from 'node:stream';

/** One HTTP request to the agent, see libs/protocol/agent-api.ts. */
export interface AgentRequest {
  readonly method: 'GET' | 'POST';
  /** Path with query, such as `/v1/info`. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A stream is sent chunked; an error of it fails the request and cuts the request off, so the agent drops it. */
  readonly body?: Readable | Buffer;
  /** Ends the request, also while its answer is being read. */
  readonly signal?: AbortSignal;
}

/**
 * Asks whether the agent is there. It answers this one at once, from memory: where it was reached and does not answer
 * soon, a transport fails it with `agent-hangs`, so that a slow connection is never taken for that.
 */
export const SIGN_OF_LIFE = { method: 'GET', path: '/v1/alive' } as const satisfies AgentRequest;

/** The agent's answer. The caller reads `body` to its end or destroys it. */
export interface AgentResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readable;
}

/** Size of a terminal window in characters. */
export interface WindowSize {
  readonly columns: number;
  readonly rows: number;
}

/** A pseudo-terminal on the machine. */
export interface PtyRequest extends WindowSize {
  /** Value of TERM, such as `xterm-256color`. */
  readonly term: string;
  /** Tells of new sizes for as long as the command runs; returns what ends that. */
  readonly onResize?: (listener: (size: WindowSize) => void) => () => void;
}

/** One command on the machine. The streams stay open after it: they are the caller's. */
export interface ExecRequest {
  readonly pty?: PtyRequest;
  readonly stdin: Readable;
  readonly stdout: Writable;
  /** Unused with a PTY, which has one stream. */
  readonly stderr: Writable;
  /** Closes the channel; sshd then hangs up on the command. */
  readonly signal?: AbortSignal;
}

/** How a command ended: exactly one of the two is not null. */
export interface ExecExit {
  readonly exitCode: number | null;
  /** Name of the signal that ended it, such as `SIGKILL`. */
  readonly signal: string | null;
}

/**
 * The way to one machine's agent. Requests may overlap. A failure of the way itself is a `BuildMachinesError` with one
 * of the codes in connection-errors.ts; an error that the agent answers is a response like any other.
 */
export interface AgentTransport {
  request(request: AgentRequest): Promise<AgentResponse>;
  /** Runs `command`, which the agent made (see SessionTicket), through the account's login shell. */
  exec(command: string, request: ExecRequest): Promise<ExecExit>;
  /** Ends all that is under way. Never throws; may be called twice. */
  close(): void;
}

/** Opens a new way to the agent. `fresh`: on no account one that already exists, it may be dead. */
export type TransportFactory = (options: { signal?: AbortSignal; fresh?: boolean }) => Promise<AgentTransport>;
