import type { FastifyInstance } from 'fastify';
import { PageCodeAnswer, PageSessionAnswer, PageSessionRequest } from '../api/page-sessions.js';
import { HubRequestError } from '../errors/hub-error.js';
import { AccessDeniedError } from './auth-errors.js';
import { CODE_MS, PageCodes } from './page-codes.js';
import type { TokenStore } from './token-store.js';

/** The code opens nothing. */
export class PageCodeRefusedError extends HubRequestError {
  readonly code = 'page-code-refused';
  readonly status = 403;

  constructor() {
    super('this address of the page was used before, or is older than a minute', {
      hint: 'Open the page anew: npx build-machines hub open',
    });
  }
}

const tags = ['tokens'];

/** `/page/…`: how a browser gets to read, without anybody handling a token. */
export function pageSessionRoutes(app: FastifyInstance, tokens: TokenStore, now: () => number): void {
  const codes = new PageCodes(tokens);
  app.post(
    '/page/codes',
    {
      config: { access: 'read' },
      schema: { tags, summary: 'Make a one-time code that opens the page', response: { 200: PageCodeAnswer } },
    },
    ({ principal }) => {
      // A page that could open another would read for ever, and nobody could take that back.
      if (principal?.page === true) throw new AccessDeniedError(principal, 'open another page');
      return { code: codes.make(principal?.name ?? '', now()), expires_in_seconds: CODE_MS / 1000 };
    },
  );

  app.post<{ Body: PageSessionRequest }>(
    '/page/sessions',
    {
      config: { access: 'open' },
      schema: {
        tags,
        summary: 'Exchange a code for a token that reads',
        body: PageSessionRequest,
        response: { 200: PageSessionAnswer },
      },
    },
    async (request, reply) => {
      const session = codes.exchange(request.body.code, now());
      if (session === undefined) throw new PageCodeRefusedError();
      void reply.header('cache-control', 'no-store');
      return { token: session.token, expires_at: new Date(session.expiresAt).toISOString() };
    },
  );
}
