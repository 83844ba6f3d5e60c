import { type Activity, BuildMachinesError } from '@build-machines/protocol';

/** The machine works for somebody, so it was not restarted, changed or replaced. */
export class MachineBusyError extends BuildMachinesError {
  readonly code = 'machine-busy';

  /**
   * @param activities what goes on; empty: another command is changing the machine.
   * @param force what to add to the command to go ahead all the same, such as `--force`.
   */
  constructor(
    readonly machine: string,
    readonly activities: readonly Activity[],
    force: string,
  ) {
    const lines = activities.map((activity) => `\n  ${describeActivity(activity)}`).join('');
    super(
      activities.length === 0
        ? `Machine "${machine}" is being changed by another command.`
        : `Machine "${machine}" is busy, so it was left as it is:${lines}`,
      {
        hint:
          activities.length === 0
            ? 'Try again in some seconds.'
            : `Try again when that has ended, or end it with ${force}.`,
        details: { activities },
      },
    );
  }
}

/** The agent takes connections and answers nothing, so it is unknown whether the machine works for somebody. */
export class MachineSilentError extends BuildMachinesError {
  readonly code = 'machine-silent';

  /** @param force as of {@link MachineBusyError}. */
  constructor(machine: string, seconds: number, force: string, cause?: unknown) {
    super(
      `The agent of machine "${machine}" did not say within ${String(seconds)} s whether it is busy, so the machine was left as it is.`,
      { hint: `Try again, or end whatever goes on there with ${force}.`, cause },
    );
  }
}

/** `app:remote-build of ada, since 14:03`. */
function describeActivity({ label, user, since }: Activity): string {
  return `${label} of ${user}, since ${new Date(since).toTimeString().slice(0, 5)}`;
}
