import { z } from 'zod';
import { CacheDay } from '../api/runs.js';
import { type Database, inTransaction } from '../database/database.js';

const CacheEntry = z.object({ hash: z.string(), size: z.number(), sha256: z.string() });
export type CacheEntry = z.infer<typeof CacheEntry>;
type DayCounts = { hits: number; misses: number; stores: number };

/** What the cache holds, by hash, with the time of last use. */
export class CacheIndex {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  find(hash: string): CacheEntry | undefined {
    const row = this.#database.prepare('SELECT * FROM cache_entries WHERE hash = ?').get(hash);
    return row === undefined ? undefined : CacheEntry.parse(row);
  }

  hashes(): Set<string> {
    const rows = this.#database.prepare('SELECT hash FROM cache_entries').all();
    return new Set(
      z
        .array(z.object({ hash: z.string() }))
        .parse(rows)
        .map(({ hash }) => hash),
    );
  }

  add(entry: CacheEntry, storedBy: string, now: number): void {
    this.#database
      .prepare(
        'INSERT INTO cache_entries (hash, size, sha256, stored_by, stored_at, last_used_at) VALUES (?, ?, ?, ?, ?, ?)',
      )
      .run(entry.hash, entry.size, entry.sha256, storedBy, now, now);
  }

  remove(hashes: Iterable<string>): void {
    inTransaction(this.#database, () => {
      const statement = this.#database.prepare('DELETE FROM cache_entries WHERE hash = ?');
      for (const hash of hashes) statement.run(hash);
    });
  }

  total(): { entries: number; bytes: number } {
    const row = this.#database
      .prepare('SELECT count(*) AS entries, coalesce(sum(size), 0) AS bytes FROM cache_entries')
      .get();
    return z.object({ entries: z.number(), bytes: z.number() }).parse(row);
  }

  /** The entries that were unused the longest and together have at least `bytes`. */
  leastRecentlyUsed(bytes: number): CacheEntry[] {
    const victims: CacheEntry[] = [];
    let freed = 0;
    const rows = this.#database.prepare('SELECT * FROM cache_entries ORDER BY last_used_at, hash LIMIT 10000').all();
    for (const entry of z.array(CacheEntry).parse(rows)) {
      if (freed >= bytes) break;
      victims.push(entry);
      freed += entry.size;
    }
    return victims;
  }

  /** Records uses and counts in one write; they are gathered in memory, for a hit shall not wait for the disk. */
  recordUse(lastUsed: ReadonlyMap<string, number>, day: string, counts: DayCounts): void {
    inTransaction(this.#database, () => {
      const statement = this.#database.prepare('UPDATE cache_entries SET last_used_at = ? WHERE hash = ?');
      for (const [hash, at] of lastUsed) statement.run(at, hash);
      this.#database
        .prepare(
          `INSERT INTO cache_days (day, hits, misses, stores) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (day)
           DO UPDATE SET hits = hits + ?2, misses = misses + ?3, stores = stores + ?4`,
        )
        .run(day, counts.hits, counts.misses, counts.stores);
    });
  }

  days(limit: number): z.infer<typeof CacheDay>[] {
    const rows = this.#database.prepare('SELECT * FROM cache_days ORDER BY day DESC LIMIT ?').all(limit);
    return z.array(CacheDay).parse(rows).reverse();
  }
}
