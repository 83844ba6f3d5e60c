import { z } from 'zod';
import { Role } from '../auth/roles.js';

/** `POST /tokens`: makes (or stores) a token. Only an admin may. */
export const TokenRequest = z.object({
  role: Role,
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._@-]{0,127}$/)
    .describe("The machine's or user's name; for other roles, what the token is for."),
  token: z
    .string()
    .regex(/^[\x21-\x7e]{32,512}$/)
    .optional()
    .describe('A secret made by the caller; absent: the hub makes one.'),
  replace: z
    .boolean()
    .default(false)
    .describe(
      "Revoke all other tokens of this role and name; a machine's stay good until the new one is used, 15 minutes at most.",
    ),
});
export type TokenRequest = z.input<typeof TokenRequest>;

/** A token as the hub shows it: never with its secret. Times are ISO 8601. */
export const TokenView = z.object({
  id: z.string(),
  role: Role,
  name: z.string(),
  created_at: z.iso.datetime(),
});
export type TokenView = z.infer<typeof TokenView>;

/** The one answer that carries a secret. It cannot be asked for again. */
export const TokenAnswer = TokenView.extend({ token: z.string() });
export type TokenAnswer = z.infer<typeof TokenAnswer>;

export const TokenList = z.object({ tokens: z.array(TokenView) });
export type TokenList = z.infer<typeof TokenList>;
