import { HubRequestError } from '../errors/hub-error.js';
import type { Access, Role } from './roles.js';

/** No token, or one that the hub does not know. */
export class TokenMissingError extends HubRequestError {
  readonly code = 'token-missing';
  readonly status: number = 401;

  constructor(access: Access, given: boolean) {
    super(given ? 'the hub does not know this token' : `this request needs a token with access "${access}"`, {
      hint: given
        ? 'It may have been revoked or replaced. Fetch a new one: build-machines hub token'
        : 'Send it as "Authorization: Bearer …".',
    });
  }
}

/** The token is known, but its role does not suffice. */
export class AccessDeniedError extends HubRequestError {
  readonly code = 'access-denied';
  readonly status = 403;

  constructor(principal: { role: Role; name: string }, wanted: string) {
    super(`the ${principal.role} token "${principal.name}" may not ${wanted}`, {
      hint: 'Use a token with the role that this needs: build-machines hub token --help',
      details: { role: principal.role },
    });
  }
}

/** Too many unknown tokens from one address. */
export class TooManyFailuresError extends HubRequestError {
  readonly code = 'too-many-failures';
  readonly status = 429;

  constructor(retryAfterSeconds: number) {
    super('too many requests with unknown tokens came from this address', {
      hint: `Try again in ${retryAfterSeconds} s, with a valid token.`,
      details: { retryAfterSeconds },
    });
  }
}
