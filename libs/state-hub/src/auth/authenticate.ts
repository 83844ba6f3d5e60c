import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AccessDeniedError, TokenMissingError, TooManyFailuresError } from './auth-errors.js';
import { FailureLimiter } from './failure-limiter.js';
import { type Access, mayAccess } from './roles.js';
import type { Principal, TokenStore } from './token-store.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a request to this route needs. Routes without it need `admin`: forgetting it locks, never opens. */
    access?: Access;
  }
  interface FastifyRequest {
    /** Whom the request's token speaks for; null for one without a token. */
    principal: Principal | null;
  }
}

export interface AuthenticationOptions {
  tokens: TokenStore;
  /** Whether `catalog` needs no token. Meant for loopback. */
  openCatalog: boolean;
  now: () => number;
}

/** The secret of an `Authorization: Bearer …` header. */
export function bearerSecret(header: string | undefined): string | undefined {
  return /^Bearer ([\x21-\x7e]{1,512})$/i.exec(header ?? '')?.[1];
}

/** Checks every request, before its body is read, against the access that its route declares. */
export function installAuthentication(app: FastifyInstance, options: AuthenticationOptions): void {
  const limiter = new FailureLimiter();
  app.decorateRequest('principal', null);
  app.addHook('onRequest', (request, _reply, done) => {
    const access: Access = request.is404 ? 'open' : (request.routeOptions.config.access ?? 'admin');
    request.principal = identify(request, access, limiter, options);
    done();
  });
}

function identify(
  request: FastifyRequest,
  access: Access,
  limiter: FailureLimiter,
  options: AuthenticationOptions,
): Principal | null {
  const secret = bearerSecret(request.headers.authorization);
  if (secret === undefined) {
    if (access === 'open' || (access === 'catalog' && options.openCatalog)) return null;
    throw new TokenMissingError(access, false);
  }
  const now = options.now();
  const refusedFor = limiter.refusedFor(request.ip, now);
  const principal = options.tokens.find(secret, now);
  if (principal === undefined) {
    limiter.recordFailure(request.ip, now);
    throw refusedFor > 0 ? new TooManyFailuresError(refusedFor) : new TokenMissingError(access, true);
  }
  if (!mayAccess(principal.role, access)) throw new AccessDeniedError(principal, `make requests that need "${access}"`);
  return principal;
}
