import { AgentError } from '../server/agent-error.js';

/** The agent has no run of this identity. */
export class RunUnknownError extends AgentError {
  readonly code = 'run-unknown';
  readonly status = 404;
  constructor(runId: string) {
    super(`The machine knows no run ${runId}.`, { hint: 'Run the target again.' });
  }
}

/** The agent is about to stop and takes nothing new. */
export class StoppingError extends AgentError {
  readonly code = 'agent-stopping';
  readonly status = 503;
  constructor() {
    super('The agent is stopping and takes no new work.', { hint: 'Try again in some seconds.' });
  }
}
