import { AgentError } from '../server/agent-error.js';

/** The mirror does not remember the list that the request builds on. */
export class BaseMismatchError extends AgentError {
  readonly code = 'base-mismatch';
  readonly status = 409;
  constructor(base: string, have: readonly string[]) {
    super(`The machine does not remember the list ${base} of this workspace.`, {
      hint: 'Send the difference from a list that it remembers, or the complete list (base null).',
      details: { have: [...have] },
    });
  }
}

/** Content was neither sent nor is it known on the machine. */
export class ContentMissingError extends AgentError {
  readonly code = 'content-missing';
  readonly status = 409;
  constructor(missing: readonly string[]) {
    super(`The machine lacks ${missing.length} of the contents that the tree needs.`, {
      hint: 'Ask /v1/blobs/missing and send these contents.',
      details: { missing: [...missing] },
    });
  }
}

/** A path, or the target of a symbolic link, does not stay inside the workspace. */
export class PathRefusedError extends AgentError {
  readonly code = 'path-refused';
  readonly status = 422;
  constructor(path: string, why: string) {
    super(`The path ${JSON.stringify(path)} was refused: ${why}`, {
      hint: 'Remove or ignore this path, or keep the link inside the workspace.',
      details: { path },
    });
  }
}

/** The bytes sent for a file are not those that its digest announced: it changed while it was read. */
export class ContentChangedError extends AgentError {
  readonly code = 'content-changed';
  readonly status = 422;
  constructor(path: string) {
    super(`${JSON.stringify(path)} changed while it was being sent.`, {
      hint: 'Run the target again once the file is at rest.',
      details: { path },
    });
  }
}

/** The mirror cannot be brought into a known state. */
export class MirrorBlockedError extends AgentError {
  readonly code = 'mirror-blocked';
  readonly status = 500;
  constructor(folder: string, cause: unknown) {
    super(
      `The mirror at ${folder} cannot be updated: ${cause instanceof Error ? cause.message : String(cause)}. The change stays in its journal and is tried again.`,
      { hint: `Look at ${folder} on the machine; removing that folder makes the agent start it afresh.`, cause },
    );
  }
}
