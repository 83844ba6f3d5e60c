import type { LeaseEndReason, Requirements } from '../api/leases.js';
import { HubRequestError } from '../errors/hub-error.js';

/** No machine that the hub knows fits the requirements: waiting would be for nothing. */
export class NoMachineFitsError extends HubRequestError {
  readonly code = 'no-machine-fits';
  readonly status = 422;

  constructor(requirements: Requirements, misfits: readonly { machine: string; reason: string }[]) {
    const why = misfits.map(({ machine, reason }) => `  ${machine}: ${reason}`).join('\n');
    super(
      misfits.length === 0
        ? 'no build machine has registered with the hub'
        : `no build machine fits ${describeRequirements(requirements)}:\n${why}`,
      {
        hint:
          misfits.length === 0
            ? 'Bring one up: nx run <machine>:up'
            : 'Ask for what is there, or install it: nx run <machine>:ghc-install <version>',
        details: { requirements, misfits },
      },
    );
  }
}

/** The hub has no such ticket: it never had, or it ended long ago. */
export class LeaseUnknownError extends HubRequestError {
  readonly code = 'lease-unknown';
  readonly status = 404;

  constructor(id: string) {
    super(`the hub knows no lease request "${id}"`, { hint: 'Ask for a new lease.', details: { id } });
  }
}

/** The lease has ended: its slot may be somebody else's by now. */
export class LeaseEndedError extends HubRequestError {
  readonly code = 'lease-ended';
  readonly status = 410;

  constructor(id: string, reason: LeaseEndReason, machine: string | null) {
    super(`the lease ${machine === null ? '' : `on ${machine} `}has ended (${reason})`, {
      hint: 'Ask for a new lease.',
      details: { id, reason, machine },
    });
  }
}

/** Requirements in words, such as `ghc 9.6.6, site=lab`. */
export function describeRequirements(wanted: Requirements): string {
  const parts = [
    ...(wanted.machine === undefined ? [] : [`machine ${wanted.machine}`]),
    ...(wanted.machines === undefined ? [] : [`one of ${wanted.machines.join(', ')}`]),
    ...(wanted.ghc === undefined ? [] : [`ghc ${wanted.ghc}`]),
    ...(wanted.cabal === undefined ? [] : [`cabal ${wanted.cabal}`]),
    ...(wanted.os === undefined ? [] : [wanted.os]),
    ...(wanted.arch === undefined ? [] : [wanted.arch]),
    ...Object.entries(wanted.labels).map(([label, value]) => `${label}=${value}`),
    ...wanted.avoid.map((machine) => `not ${machine}`),
  ];
  return parts.length === 0 ? 'any machine' : parts.join(', ');
}
