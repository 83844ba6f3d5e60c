import { z } from 'zod';

/** `POST /page/codes`: a code that opens the page once, at `/#code=…`. */
export const PageCodeAnswer = z.object({ code: z.string(), expires_in_seconds: z.number().positive() });
export type PageCodeAnswer = z.infer<typeof PageCodeAnswer>;

/** `POST /page/sessions`: exchanges such a code. */
export const PageSessionRequest = z.object({ code: z.string().max(512) });
export type PageSessionRequest = z.infer<typeof PageSessionRequest>;

/** The token that the page reads with, and when it ends (ISO 8601). */
export const PageSessionAnswer = z.object({ token: z.string(), expires_at: z.iso.datetime() });
export type PageSessionAnswer = z.infer<typeof PageSessionAnswer>;
