import { newSecret, secretHash } from './token-secret.js';
import type { TokenStore } from './token-store.js';

/** A code is good for this long, in milliseconds: a browser has to start meanwhile. */
export const CODE_MS = 60_000;
/** A page may read for this long, in milliseconds: a working day. */
const SESSION_MS = 12 * 3_600_000;

interface MadeCode {
  /** Whoever asked for it: the page reads in this name. */
  readonly name: string;
  readonly expiresAt: number;
  /** The session that it gave; undefined: it was not used yet. */
  tokenId?: string;
}

/** What a page reads with. */
export interface PageSession {
  readonly token: string;
  readonly expiresAt: number;
}

/**
 * One-time codes by which a browser gets a token that reads. A code travels where other accounts of the computer may see
 * it (the command line of a browser); the token that it is exchanged for does not.
 */
export class PageCodes {
  /** By hash. They are not kept over a restart. */
  readonly #codes = new Map<string, MadeCode>();
  readonly #tokens: TokenStore;

  constructor(tokens: TokenStore) {
    this.#tokens = tokens;
  }

  make(name: string, now: number): string {
    for (const [hash, { expiresAt }] of this.#codes) if (expiresAt <= now) this.#codes.delete(hash);
    const code = newSecret();
    this.#codes.set(secretHash(code), { name, expiresAt: now + CODE_MS });
    return code;
  }

  /**
   * Exchanges a code. A second use of it means that somebody has read it: nothing is given, and what the first use gave
   * is taken back, for nobody knows which of the two was meant.
   * @returns undefined where the code is unknown, used, or too old.
   */
  exchange(code: string, now: number): PageSession | undefined {
    const made = this.#codes.get(secretHash(code));
    if (made === undefined || made.expiresAt <= now) return undefined;
    if (made.tokenId !== undefined) {
      this.#tokens.revoke(made.tokenId, now);
      return undefined;
    }
    const session = { token: newSecret(), expiresAt: now + SESSION_MS };
    const { name } = made;
    const { expiresAt } = session;
    made.tokenId = this.#tokens.add({ role: 'read-only', name, secret: session.token, expiresAt }, false, now).id;
    return session;
  }
}
