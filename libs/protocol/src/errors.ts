import { z } from 'zod';

/** How an error travels over a wire: the agent's and the hub's error responses have this body. */
export const ErrorBody = z.object({
  code: z.string().describe('Stable kebab-case identifier of the kind of error.'),
  message: z.string().describe('What happened, and where.'),
  hint: z.string().describe('What to do next; empty when there is nothing sensible to propose.'),
  details: z.record(z.string(), z.unknown()).optional().describe('Machine-readable facts that the code promises.'),
});
export type ErrorBody = z.infer<typeof ErrorBody>;

/**
 * Root of all errors that a user can cause or mend. One subclass per kind, declared beside the code that throws it.
 * `message` says what happened and where, `hint` what to do next. The command line and the executors print both, and
 * never a stack trace; every other error is a defect of ours and is printed with its stack.
 */
export abstract class BuildMachinesError extends Error {
  /** Stable kebab-case identifier; listed in docs/reference/errors.md. */
  abstract readonly code: string;
  readonly hint: string;
  readonly details: Record<string, unknown> | undefined;

  constructor(message: string, options: { hint: string; cause?: unknown; details?: Record<string, unknown> }) {
    super(message, { cause: options.cause });
    this.name = new.target.name;
    this.hint = options.hint;
    this.details = options.details;
  }

  /** The form in which this error crosses a wire. */
  toBody(): ErrorBody {
    return { code: this.code, message: this.message, hint: this.hint, details: this.details };
  }
}

/** An error that the other end of a wire reported; keeps the code, so that callers can tell kinds apart. */
export class RemoteReportedError extends BuildMachinesError {
  readonly code: string;
  /** HTTP status of the answer that carried it, where there was one. */
  readonly status: number | undefined;

  constructor(body: ErrorBody, status?: number) {
    super(body.message, { hint: body.hint, details: body.details });
    this.code = body.code;
    this.status = status;
  }
}
