import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { type Database, inTransaction } from '../database/database.js';
import { Role } from './roles.js';
import { sameHash, secretHash } from './token-secret.js';

/** Whom a token speaks for. */
export interface Principal {
  readonly role: Role;
  /** The machine's or user's name; for other roles, what the token was made for. */
  readonly name: string;
  /** Whether it is a page that was opened by a code: such a one reads until its time is over, and opens no other. */
  readonly page?: boolean;
}

/** What may be shown of a token. Neither its secret nor the hash of it ever leaves the store. */
export const TokenRecord = z.object({
  id: z.string(),
  role: Role,
  name: z.string(),
  created_at: z.number().int(),
  revoked_at: z.number().int().nullable(),
});
export type TokenRecord = z.infer<typeof TokenRecord>;

/**
 * How long a machine's earlier token is good beside its new one, in milliseconds, unless the new one is used before. The
 * machine learns the new one later than the hub, and a machine that cannot be reached just then must not be locked out.
 */
const SUPERSEDED_FOR_MS = 15 * 60_000;

/** A token to be stored. */
export interface NewToken extends Principal {
  readonly secret: string;
  /** When it ends by itself, in milliseconds since the epoch; absent: never. Tokens that do are not listed. */
  readonly expiresAt?: number;
}

const StoredToken = TokenRecord.extend({ hash: z.string() });

/** The tokens of the hub, stored as hashes. */
export class TokenStore {
  readonly #database: Database;
  readonly #adminHash: string;

  /** @param adminToken the one token that is not in the database: whoever starts the hub holds it. */
  constructor(database: Database, adminToken: string) {
    this.#database = database;
    this.#adminHash = secretHash(adminToken);
  }

  /**
   * Whom a secret speaks for, or undefined when nobody knows it or it was revoked. The first use of a machine's new token
   * ends its earlier ones.
   */
  find(secret: string, now: number): Principal | undefined {
    const hash = secretHash(secret);
    if (sameHash(hash, this.#adminHash)) return { role: 'admin', name: 'admin' };
    const row: unknown = this.#database
      .prepare('SELECT * FROM tokens WHERE hash = ? AND (revoked_at IS NULL OR revoked_at > ?)')
      .get(hash, now);
    if (row === undefined) return undefined;
    const token = StoredToken.parse(row);
    if (!sameHash(token.hash, hash)) return undefined;
    if (token.role === 'machine' && token.revoked_at === null) this.#endSuperseded(token.name, now);
    const page = token.role === 'read-only' && token.revoked_at !== null;
    return { role: token.role, name: token.name, page };
  }

  #endSuperseded(machine: string, now: number): void {
    const which = `role = 'machine' AND name = ? AND revoked_at > ?`;
    // Looked for first: a request that changes nothing takes no lock for writing.
    if (this.#database.prepare(`SELECT 1 FROM tokens WHERE ${which}`).get(machine, now) === undefined) return;
    this.#database.prepare(`UPDATE tokens SET revoked_at = ? WHERE ${which}`).run(now, machine, now);
  }

  /**
   * Stores a token. Storing the same secret for the same role and name again changes nothing.
   * @param replace revokes all other tokens of that role and name: at once, but a machine's only when the new one is
   * first used, or after 15 minutes.
   */
  add(token: NewToken, replace: boolean, now: number): TokenRecord {
    const hash = secretHash(token.secret);
    return inTransaction(this.#database, () => {
      if (replace) {
        this.#database
          .prepare('UPDATE tokens SET revoked_at = ? WHERE role = ? AND name = ? AND hash <> ? AND revoked_at IS NULL')
          .run(token.role === 'machine' ? now + SUPERSEDED_FOR_MS : now, token.role, token.name, hash);
        this.#endPages(token.name, now);
      }
      this.#database
        .prepare(
          `INSERT INTO tokens (hash, id, role, name, created_at, revoked_at) VALUES (?, ?, ?, ?, ?, ?)
           ON CONFLICT (hash) DO UPDATE
           SET role = excluded.role, name = excluded.name, revoked_at = excluded.revoked_at`,
        )
        .run(hash, randomUUID(), token.role, token.name, now, token.expiresAt ?? null);
      return TokenRecord.parse(this.#database.prepare('SELECT * FROM tokens WHERE hash = ?').get(hash));
    });
  }

  /** Forgets what was revoked before a time. */
  prune(before: number): void {
    this.#database.prepare('DELETE FROM tokens WHERE revoked_at < ?').run(before);
  }

  list(): TokenRecord[] {
    return z
      .array(TokenRecord)
      .parse(this.#database.prepare('SELECT * FROM tokens WHERE revoked_at IS NULL ORDER BY role, name').all());
  }

  /** Revokes a token, and with it the pages that were opened in its name; false when no live token has this id. */
  revoke(id: string, now: number): boolean {
    const row: unknown = this.#database
      .prepare(
        'UPDATE tokens SET revoked_at = ? WHERE id = ? AND (revoked_at IS NULL OR revoked_at > ?) RETURNING name',
      )
      .get(now, id, now);
    if (row === undefined) return false;
    this.#endPages(z.object({ name: z.string() }).parse(row).name, now);
    return true;
  }

  /** Whoever lost a token shall not go on reading by what it had opened. */
  #endPages(name: string, now: number): void {
    this.#database
      .prepare("UPDATE tokens SET revoked_at = ? WHERE role = 'read-only' AND name = ? AND revoked_at > ?")
      .run(now, name, now);
  }
}
