import { BuildMachinesError } from '@build-machines/protocol';

/** The hub does not answer, or not in time. */
export class HubUnreachableError extends BuildMachinesError {
  readonly code = 'hub-unreachable';

  constructor(url: string, cause: unknown) {
    super(`the State Hub at ${url} does not answer (${cause instanceof Error ? cause.message : String(cause)})`, {
      hint: 'Start the embedded one: npx build-machines hub start. Another one is named by hub.url in machine.yml, or --hub.',
      cause,
      details: { url },
    });
  }
}

/** What answers under the hub's address does not speak the hub's protocol. */
export class HubAnswerError extends BuildMachinesError {
  readonly code = 'hub-answer-unreadable';

  constructor(url: string, problem: string) {
    super(`what answers at ${url} is not a State Hub that this release understands: ${problem}`, {
      hint: 'Check the address and the release of the hub.',
      details: { url },
    });
  }
}
