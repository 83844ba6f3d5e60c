import { BuildMachinesError } from '@build-machines/protocol';

/** Where a connection was meant to go: the part of an access record that messages name. */
export interface Destination {
  readonly name: string;
  readonly sshHost: string;
  readonly sshPort: number;
}

const at = (to: Destination) => `${to.sshHost}:${String(to.sshPort)}`;

/** Nothing listens where the machine's tunnel should end, or nothing is behind it. */
export class MachineUnreachableError extends BuildMachinesError {
  readonly code = 'machine-unreachable';
  constructor(to: Destination, what: string, cause?: unknown) {
    super(`Machine "${to.name}" cannot be reached at ${at(to)}: ${what}.`, {
      hint: `Bring it up with "nx run ${to.name}:up"; "nx run ${to.name}:bridge-status" shows which part is missing.`,
      cause,
    });
  }
}

/** The machine took too long. */
export class ConnectionTimeoutError extends BuildMachinesError {
  readonly code = 'connection-timeout';
  constructor(to: Destination, milliseconds: number, cause?: unknown) {
    super(`Machine "${to.name}" did not answer at ${at(to)} within ${String(milliseconds / 1000)} s.`, {
      hint: `It may be starting, overloaded or cut off. Look with "nx run ${to.name}:bridge-status", then try again.`,
      cause,
    });
  }
}

/** The server proved another identity than the pinned one. Never overridden by asking. */
export class HostKeyChangedError extends BuildMachinesError {
  readonly code = 'host-key-changed';
  constructor(to: Destination, seen: string, pinned: string) {
    super(
      `The SSH server at ${at(to)} is not machine "${to.name}": it shows host key ${seen}, pinned is ${pinned}. ` +
        'Nothing was sent to it.',
      {
        hint:
          `If you replaced the machine, pin its new key with "nx run ${to.name}:inject-keys" (sandbox: ` +
          `"nx run ${to.name}:up"). If not, something else listens on that port: find out what before going on.`,
      },
    );
  }
}

/** The machine does not accept the build key. */
export class KeyRefusedError extends BuildMachinesError {
  readonly code = 'key-refused';
  constructor(to: Destination, user: string, identityFile: string, cause?: unknown) {
    super(`Machine "${to.name}" refused the build key ${identityFile} for account "${user}" at ${at(to)}.`, {
      hint: `Install the key with "nx run ${to.name}:inject-keys" (sandbox: "nx run ${to.name}:up").`,
      cause,
    });
  }
}

/** The private build key is missing, unreadable or not a key. */
export class BuildKeyUnusableError extends BuildMachinesError {
  readonly code = 'build-key-unusable';
  constructor(to: Destination, identityFile: string, why: string) {
    super(`The build key ${identityFile} for machine "${to.name}" cannot be used: ${why}.`, {
      hint: `Make and install it with "nx run ${to.name}:inject-keys" (sandbox: "nx run ${to.name}:up").`,
    });
  }
}

/** SSH works; nothing answers on the agent's socket. */
export class AgentDownError extends BuildMachinesError {
  readonly code = 'agent-down';
  constructor(to: Destination, socket: string, cause?: unknown) {
    super(`Machine "${to.name}" is up, but its build agent does not answer on ${socket}.`, {
      hint: `Its log says why: "nx run ${to.name}:logs". Start it with "nx run ${to.name}:up".`,
      cause,
    });
  }
}

/** The agent took a request and then answered nothing more, not even that it is there. */
export class AgentHangsError extends BuildMachinesError {
  readonly code = 'agent-hangs';
  constructor(machine: string, milliseconds: number) {
    super(
      `The build agent of machine "${machine}" has answered nothing for ${String(Math.round(milliseconds / 1000))} s.`,
      {
        hint: `The machine may be suspended or out of memory. Look with "nx run ${machine}:logs"; "nx run ${machine}:down" and "nx run ${machine}:up" start it anew.`,
      },
    );
  }
}

/** sshd on the machine forbids forwarding to Unix sockets. */
export class ForwardingRefusedError extends BuildMachinesError {
  readonly code = 'forwarding-refused';
  constructor(to: Destination, cause?: unknown) {
    super(`The SSH server of machine "${to.name}" forbids forwarding to the agent's Unix socket.`, {
      hint: 'Set "AllowStreamLocalForwarding yes" for the builder account in its sshd_config and reload sshd.',
      cause,
    });
  }
}

/** A connection that was there ended under a request. */
export class ConnectionLostError extends BuildMachinesError {
  readonly code = 'connection-lost';
  constructor(to: Destination, what: string, cause?: unknown) {
    super(`The connection to machine "${to.name}" was lost: ${what}.`, {
      hint: `A run that had started goes on there: run the same target again to re-attach to it.`,
      cause,
    });
  }
}

/** SSH failed in a way that has no kind of its own. */
export class SshProtocolError extends BuildMachinesError {
  readonly code = 'ssh-protocol';
  constructor(to: Destination, what: string, cause?: unknown) {
    super(`SSH to machine "${to.name}" at ${at(to)} failed: ${what}.`, {
      hint: `Compare with "ssh ${to.name}"; the machine must offer current algorithms (OpenSSH 7.4 or later).`,
      cause,
    });
  }
}

/** Agent and plugin speak different versions. */
export class ProtocolMismatchError extends BuildMachinesError {
  readonly code = 'protocol-mismatch';
  constructor(machine: string, theirs: unknown, ours: number) {
    super(`The agent on machine "${machine}" speaks protocol ${String(theirs)}, this plugin ${String(ours)}.`, {
      hint: `Bring the agent to this version with "nx run ${machine}:up", or install the plugin's matching version.`,
    });
  }
}

/** Something that is not our agent answers. */
export class AgentAnswerError extends BuildMachinesError {
  readonly code = 'agent-answer';
  constructor(machine: string, what: string, cause?: unknown) {
    super(`The agent on machine "${machine}" gave an answer that makes no sense: ${what}.`, {
      hint: `Restart it with "nx run ${machine}:up"; its log is shown by "nx run ${machine}:logs".`,
      cause,
    });
  }
}

const passing = new Set([
  'machine-unreachable',
  'connection-timeout',
  'agent-down',
  'agent-hangs',
  'connection-lost',
  'bridge-unavailable',
  'agent-stopping',
]);

/** Whether an error may go away by itself, so that connecting again makes sense. Decided here for all callers. */
export function isPassingFailure(error: unknown): boolean {
  return error instanceof BuildMachinesError && passing.has(error.code);
}
