import { AgentError } from '../server/agent-error.js';

/** Artifacts that the store held once are there no more, or damaged. */
export class ArtifactLostError extends AgentError {
  readonly code = 'artifact-lost';
  readonly status = 404;
  constructor(missing: readonly string[]) {
    super(`The machine does not have ${missing.length} of the artifacts any more.`, {
      hint: 'Build again on the machine (run remote-build with --skip-nx-cache); the artifacts are made anew.',
      details: { missing: [...missing] },
    });
  }
}
