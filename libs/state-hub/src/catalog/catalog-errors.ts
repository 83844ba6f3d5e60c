import { HubRequestError } from '../errors/hub-error.js';

/** A session of a machine, as far as naming it in an error needs. */
export interface MachineSession {
  readonly name: string;
  readonly machine_id: string;
  readonly hostname: string;
}

/** Two live machines claim one identity: the same name, or the same machine id (a copied image). */
export class MachineSessionConflictError extends HubRequestError {
  readonly code = 'machine-session-conflict';
  readonly status = 409;

  constructor(live: MachineSession & { last_heartbeat_at: string }, refused: MachineSession) {
    const same = live.name === refused.name ? `name "${live.name}"` : `machine id ${live.machine_id}`;
    super(
      `two live machines claim the ${same}: "${live.name}" on ${live.hostname} (machine id ${live.machine_id}, ` +
        `last heard at ${live.last_heartbeat_at}) and "${refused.name}" on ${refused.hostname} ` +
        `(machine id ${refused.machine_id}), which is refused`,
      {
        hint:
          'Stop one of them. If one is a copy of the other’s image, give it its own name and remove its machine-id ' +
          'so that it makes a new one at its next start.',
        details: { live, refused },
      },
    );
  }
}

/** A machine registers with the machine id of another one's entry, which is silent now and may come back. */
export class MachineIdTakenError extends HubRequestError {
  readonly code = 'machine-id-taken';
  readonly status = 409;

  constructor(owner: MachineSession & { last_heartbeat_at: string }, refused: MachineSession) {
    super(
      `machine id ${owner.machine_id} belongs to "${owner.name}" on ${owner.hostname} (last heard at ` +
        `${owner.last_heartbeat_at}); "${refused.name}" on ${refused.hostname} registers with it, which is refused`,
      {
        hint:
          `If "${owner.name}" is no more, remove it: nx run ${owner.name}:destroy. If "${refused.name}" is a copy of ` +
          'it, or the same computer under a new name, remove the file machine-id in the state folder of its agent and ' +
          'start the agent again.',
        details: { owner, refused },
      },
    );
  }
}

/** No entry with this id: it was never registered here, or was removed. The machine registers again. */
export class CapabilityUnknownError extends HubRequestError {
  readonly code = 'capability-unknown';
  readonly status = 404;

  constructor(id: string) {
    super(`the catalog has no entry "${id}"`, {
      hint: 'Register again with POST /capability-catalog/.',
      details: { id },
    });
  }
}
