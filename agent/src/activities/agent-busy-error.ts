import type { Activity } from '@build-machines/protocol';
import { AgentError } from '../server/agent-error.js';

/** The agent cannot be held: it works for somebody, or somebody else is about to change the machine. */
export class AgentBusyError extends AgentError {
  readonly code = 'agent-busy';
  readonly status = 409;
  constructor(activities: readonly Activity[]) {
    const what = activities.map(({ label, user }) => `${label} of ${user}`).join(', ');
    super(what === '' ? 'The machine is being changed by another command.' : `The machine is busy with ${what}.`, {
      hint: 'Wait until it is idle.',
      details: { activities },
    });
  }
}
