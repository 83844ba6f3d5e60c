import { BuildMachinesError, type Provider } from '@build-machines/protocol';

/** The target does not exist for this provider. */
export class ProviderUnavailableError extends BuildMachinesError {
  readonly code = 'provider-unavailable';
  constructor(name: string, provider: Provider) {
    super(`Machine ${name} has provider ${provider}, for which this target does nothing.`, {
      hint: `See the targets of the machine: nx show project ${name}.`,
    });
  }
}

/** A sandbox has the system packages of this very computer. */
export class SandboxPackagesError extends BuildMachinesError {
  readonly code = 'sandbox-packages';
  constructor(name: string, packages: readonly string[]) {
    super(`Machine ${name} is a sandbox: it has the system packages of this computer, which are not its to change.`, {
      hint: `Install them on this computer: sudo apt-get install -y ${packages.join(' ')}`,
    });
  }
}

/** Something that cannot be undone was not confirmed. */
export class ConfirmationNeededError extends BuildMachinesError {
  readonly code = 'confirmation-needed';
  constructor(name: string) {
    super(`Machine ${name} was not removed: nobody confirmed it.`, {
      hint: `Type its name when asked, or say --yes: nx run ${name}:destroy --yes`,
    });
  }
}

/** A machine was brought up, and its agent never listened. */
export class AgentStaysDownError extends BuildMachinesError {
  readonly code = 'agent-stays-down';
  constructor(name: string, milliseconds: number, cause: unknown) {
    super(`Machine ${name} is up, but its agent did not answer within ${String(Math.round(milliseconds / 1000))} s.`, {
      hint: `Its log says why: nx run ${name}:logs --unit=agent`,
      cause,
    });
  }
}

/** A machine of this provider keeps no log of that kind that can be read from here. */
export class LogUnavailableError extends BuildMachinesError {
  readonly code = 'log-unavailable';
  constructor(name: string, log: string, available: readonly string[]) {
    super(`Machine ${name} has no log "${log}".`, {
      hint:
        available.length === 0
          ? `It was never brought up: nx run ${name}:up.`
          : `There are: ${available.join(', ')} (--unit=NAME).`,
    });
  }
}

/** A host that shall be given back cannot be reached. */
export class HostNotGivenBackError extends BuildMachinesError {
  readonly code = 'host-not-given-back';
  constructor(name: string, cause: BuildMachinesError) {
    super(`Machine ${name} was not removed: ${cause.message}`, {
      hint: `${cause.hint}\nIf the host is gone for good: nx run ${name}:destroy --forgetOnly`,
      cause,
    });
  }
}
