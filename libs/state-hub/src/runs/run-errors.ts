import { HubRequestError } from '../errors/hub-error.js';

/** The hub has no run of this id. */
export class RunUnknownError extends HubRequestError {
  readonly code = 'run-unknown';
  readonly status = 404;

  constructor(id: string) {
    super(`the hub knows no run "${id}"`, { hint: 'List them: npx build-machines runs', details: { id } });
  }
}

/** The text does not follow what the hub has of the log. */
export class LogOffsetError extends HubRequestError {
  readonly code = 'log-offset-mismatch';
  readonly status = 409;

  constructor(id: string, offset: number, length: number) {
    super(`text for offset ${offset} of the log of run ${id} does not follow what is there: ${length} bytes`, {
      hint: 'Send what follows details.length.',
      details: { id, offset, length },
    });
  }
}
