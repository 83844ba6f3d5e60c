import { BuildMachinesError } from '@build-machines/protocol';

/** Nobody answers on the bridge's socket. */
export class BridgeUnavailableError extends BuildMachinesError {
  readonly code = 'bridge-unavailable';
  constructor(socket: string, cause?: unknown) {
    super(`The bridge does not answer on ${socket}.`, {
      hint: 'It starts with the next build; "npx build-machines bridge start" starts it now.',
      cause,
    });
  }
}

/** The daemon ended before it was ready. */
export class BridgeNotStartedError extends BuildMachinesError {
  readonly code = 'bridge-not-started';
  constructor(what: string, log: string, cause?: unknown) {
    super(`The bridge did not start: ${what}.`, { hint: `Its log is ${log}.`, cause });
  }
}

/** A running bridge cannot be stopped. */
export class BridgeNotStoppedError extends BuildMachinesError {
  readonly code = 'bridge-not-stopped';
  constructor(pid: number) {
    super(`The bridge (process ${String(pid)}) does not end.`, {
      hint: `It may hang in the kernel. Look at it with "ps -o stat,wchan:30,cmd -p ${String(pid)}".`,
    });
  }
}

/** The package is not complete. */
export class BridgeBundleMissingError extends BuildMachinesError {
  readonly code = 'bridge-bundle-missing';
  constructor(bundle: string, cause: unknown) {
    super(`The bridge's program ${bundle} cannot be read.`, {
      hint: 'Install the build-machines package again (in its own repository: npm run build).',
      cause,
    });
  }
}

/** Another workspace of this user runs the bridge with other ports. */
export class BridgePortsDifferError extends BuildMachinesError {
  readonly code = 'bridge-ports-differ';
  constructor(running: string, asked: string, stateRoot: string) {
    super(`A bridge of yours already runs with ${running}; this workspace's port-registry.yml asks for ${asked}.`, {
      hint:
        'Give both workspaces the same "services" in port-registry.yml (then "npx build-machines bridge stop" lets the ' +
        `next build start it anew), or keep this one apart with BUILD_MACHINES_HOME (now ${stateRoot}).`,
    });
  }
}

/** The bridge works for somebody, so it was not stopped or replaced. */
export class BridgeBusyError extends BuildMachinesError {
  readonly code = 'bridge-busy';

  /** @param activities what it does, for people. */
  constructor(activities: readonly string[], hint = 'Try again when that has ended.') {
    super(`The bridge is busy, so it was left as it is:${activities.map((text) => `\n  ${text}`).join('')}`, {
      hint,
      details: { activities },
    });
  }
}
