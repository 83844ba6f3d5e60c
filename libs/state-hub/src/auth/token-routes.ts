import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { TokenAnswer, TokenList, TokenRequest, type TokenView } from '../api/tokens.js';
import { HubRequestError } from '../errors/hub-error.js';
import { newSecret } from './token-secret.js';
import type { TokenRecord, TokenStore } from './token-store.js';

/** No live token has this id. */
export class TokenUnknownError extends HubRequestError {
  readonly code = 'token-unknown';
  readonly status = 404;

  constructor(id: string) {
    super(`no live token has the id "${id}"`, {
      hint: 'List them: build-machines hub token list',
      details: { id },
    });
  }
}

const ById = z.object({ id: z.string() });
const tags = ['tokens'];

/** `/tokens`: who may do what. All of it needs the admin token. */
export function tokenRoutes(app: FastifyInstance, tokens: TokenStore, now: () => number): void {
  app.post<{ Body: z.output<typeof TokenRequest> }>(
    '/tokens',
    {
      config: { access: 'admin' },
      schema: { tags, summary: 'Make or store a token', body: TokenRequest, response: { 200: TokenAnswer } },
    },
    (request) => {
      const { role, name, token: secret = newSecret(), replace } = request.body;
      return { ...view(tokens.add({ role, name, secret }, replace, now())), token: secret };
    },
  );

  app.get(
    '/tokens',
    { config: { access: 'admin' }, schema: { tags, summary: 'List live tokens', response: { 200: TokenList } } },
    () => ({ tokens: tokens.list().map(view) }),
  );

  app.delete<{ Params: z.infer<typeof ById> }>(
    '/tokens/:id',
    {
      config: { access: 'admin' },
      schema: { tags, summary: 'Revoke a token', params: ById, response: { 204: z.undefined() } },
    },
    async (request, reply) => {
      if (!tokens.revoke(request.params.id, now())) throw new TokenUnknownError(request.params.id);
      await reply.code(204).send();
    },
  );
}

function view({ id, role, name, created_at }: TokenRecord): TokenView {
  return { id, role, name, created_at: new Date(created_at).toISOString() };
}
