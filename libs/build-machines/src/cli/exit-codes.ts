/**
 * Exit statuses of `build-machines`, listed in docs/reference/cli.md. 64 and 70 are those of sysexits.h, 130 is what
 * shells give to a command that Ctrl-C ended.
 */
export const exitCode = {
  /** What was asked for is done, and nothing is wrong. */
  success: 0,
  /** It failed, or doctor found something missing; what and how to mend it is printed. */
  failure: 1,
  /** The command line was not understood. */
  usage: 64,
  /** A defect of build-machines; the stack trace is printed. */
  defect: 70,
  /** Ctrl-C. */
  interrupted: 130,
} as const;
