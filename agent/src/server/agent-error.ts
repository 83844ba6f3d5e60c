import { BuildMachinesError } from '@build-machines/protocol';

/** An error that the API answers with a status of its own; all others are 500 `internal`. */
export abstract class AgentError extends BuildMachinesError {
  /** HTTP status, as the table in libs/protocol/src/agent-api.ts promises. */
  abstract readonly status: number;
}

/** The request is not what the protocol says. */
export class RequestMalformedError extends AgentError {
  readonly code = 'request-malformed';
  readonly status = 400;
  constructor(what: string, details?: Record<string, unknown>) {
    super(`The agent does not understand the request: ${what}`, {
      hint: 'Use the same version of build-machines on the workstation and on the machine.',
      details,
    });
  }
}

/** Client and agent speak different versions of the protocol. */
export class ProtocolMismatchError extends AgentError {
  readonly code = 'protocol-mismatch';
  readonly status = 426;
  constructor(asked: unknown, own: number) {
    super(`The request speaks protocol ${JSON.stringify(asked) ?? 'unknown'}, this agent speaks ${own}.`, {
      hint: 'Bring the machine up again (nx run <machine>:up), so that it gets the agent of your plugin version.',
      details: { agent: own },
    });
  }
}

/** There is nothing under the requested address. */
export class NotFoundError extends AgentError {
  readonly code = 'not-found';
  readonly status = 404;
  constructor(method: string, path: string) {
    super(`The agent has no ${method} ${path}.`, {
      hint: 'Use the same version of build-machines on the workstation and on the machine.',
    });
  }
}

/** The disk of the machine is full; nothing was changed. */
export class DiskFullError extends AgentError {
  readonly code = 'disk-full';
  readonly status = 507;
  constructor(folder: string, freeBytes: number | null, cause: unknown) {
    const free = freeBytes === null ? '' : ` (${freeBytes} bytes free)`;
    super(`The machine's disk is full: no room left at ${folder}${free}. The mirror was left as it was.`, {
      hint: 'Free space on the machine (old dist-newstyle folders, ~/.cabal/store), or give it a larger disk.',
      cause,
      details: { folder, freeBytes },
    });
  }
}
