import type { PageSessionAnswer } from '../../api/page-sessions.js';

const KEY = 'hub-token';

/** Set while a code is being exchanged: all requests wait for it. */
let exchanging: Promise<void> | undefined = exchangeCode();

/**
 * Keeps a token for this tab only. Not as a cookie: a browser sends those to whatever server listens on another port of
 * the same host, which may be somebody else's.
 */
export function rememberToken(token: string): void {
  sessionStorage.setItem(KEY, token);
}

/** The token of this tab, or null. */
export async function pageToken(): Promise<string | null> {
  await exchanging;
  exchanging = undefined;
  return sessionStorage.getItem(KEY);
}

/** Exchanges the one-time code of an address `#code=…` for a token, and takes it out of the address. */
async function exchangeCode(): Promise<void> {
  const code = /^#code=(.+)$/.exec(location.hash)?.[1];
  if (code === undefined) return;
  history.replaceState(null, '', location.pathname);
  const answer = await fetch('/page/sessions', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code }),
  }).catch(() => undefined); // The hub is away: the page says so by itself.
  // A code that is refused leaves the tab without a token; the page asks for one.
  if (answer?.ok === true) rememberToken(((await answer.json()) as PageSessionAnswer).token);
}
