import { differencesText, type TraitParts } from '@build-machines/protocol';
import { AgentError } from '../server/agent-error.js';

/** The machine is not as its lock says: a result would be kept under the traits of another machine. */
export class MachineChangedError extends AgentError {
  readonly code = 'machine-changed';
  readonly status = 409;
  /** @param traits what the run would see. */
  constructor(machine: string, traits: TraitParts) {
    super(`${machine} is not as its lock says.`, {
      hint: `Write the lock anew, and run the target again: nx run ${machine}:up`,
      details: { traits },
    });
  }
}

/** What the end of a run says whose machine has changed meanwhile. */
export function changedUnderRun(machine: string, differences: readonly string[]): string {
  return (
    `${machine} changed while the command ran, so its result is not kept: ${differencesText(differences)}. ` +
    `Write the lock anew, and run the target again: nx run ${machine}:up`
  );
}
