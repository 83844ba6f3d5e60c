import { z } from 'zod';
import { Run, RunFinish, RunStart } from '../api/runs.js';
import { type Database, inTransaction } from '../database/database.js';

const json = z.string().transform((text): unknown => JSON.parse(text));
const isoTime = z.number().transform((at) => new Date(at).toISOString());

const RunRow = z
  .object({
    seq: z.number(),
    started: json.pipe(RunStart),
    user: z.string(),
    outcome: z.string(),
    started_at: isoTime,
    finished_at: isoTime.nullable(),
    finished: json.pipe(RunFinish).nullable(),
    log_bytes: z.number(),
    log_truncated: z.number().transform(Boolean),
  })
  .transform(({ seq, started, finished, ...row }) => ({
    seq,
    run: Run.parse({ ...started, ...row, finish: finished }),
  }));

export interface RunFilter {
  machine?: string | undefined;
  user?: string | undefined;
  project?: string | undefined;
  outcome?: string | undefined;
  before?: number | undefined;
  limit: number;
}

/** The record of runs. Every write is committed before it returns. */
export class RunStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  find(id: string): Run | undefined {
    const row = this.#database.prepare('SELECT * FROM runs WHERE id = ?').get(id);
    return row === undefined ? undefined : RunRow.parse(row).run;
  }

  list(filter: RunFilter): { runs: Run[]; next: number | null } {
    const rows = this.#database
      .prepare(
        `SELECT * FROM runs
         WHERE (?1 IS NULL OR machine = ?1) AND (?2 IS NULL OR user = ?2) AND (?3 IS NULL OR project = ?3)
           AND (?4 IS NULL OR outcome = ?4) AND (?5 IS NULL OR seq < ?5)
         ORDER BY seq DESC LIMIT ?6`,
      )
      .all(
        filter.machine ?? null,
        filter.user ?? null,
        filter.project ?? null,
        filter.outcome ?? null,
        filter.before ?? null,
        filter.limit + 1,
      );
    const found = z.array(RunRow).parse(rows);
    const page = found.slice(0, filter.limit);
    return { runs: page.map(({ run }) => run), next: found.length > filter.limit ? (page.at(-1)?.seq ?? null) : null };
  }

  /** Records a start; false when the id is there already. */
  start(run: z.output<typeof RunStart>, user: string, at: number): boolean {
    return inTransaction(this.#database, () => {
      const { changes } = this.#database
        .prepare(
          `INSERT INTO runs (id, seq, started, outcome, user, machine, project, started_at, last_seen_at)
           VALUES (?1, (SELECT coalesce(max(seq), 0) + 1 FROM runs), ?2, 'running', ?3, ?4, ?5, ?6, ?6)
           ON CONFLICT (id) DO NOTHING`,
        )
        .run(run.id, JSON.stringify(run), user, run.machine, run.project, at);
      return changes > 0;
    });
  }

  /** Records an end. A run that has ended keeps its first end, except that a lost one may turn up again. */
  finish(id: string, finish: z.output<typeof RunFinish>, at: number): void {
    this.#database
      .prepare(
        `UPDATE runs SET outcome = ?, finished = ?, finished_at = ?, last_seen_at = ?
         WHERE id = ? AND outcome IN ('running', 'lost')`,
      )
      .run(finish.outcome, JSON.stringify(finish), at, at, id);
  }

  /** Records how long the log is, and that the run was heard of. */
  setLog(id: string, length: number, truncated: boolean, at: number): void {
    this.#database
      .prepare('UPDATE runs SET log_bytes = ?, log_truncated = ?, last_seen_at = ? WHERE id = ?')
      .run(length, truncated ? 1 : 0, at, id);
  }

  touch(id: string, at: number): void {
    this.#database.prepare('UPDATE runs SET last_seen_at = ? WHERE id = ?').run(at, id);
  }

  /** Counts all running runs as heard of: while the hub was away nobody could report. */
  touchRunning(at: number): void {
    this.#database.prepare("UPDATE runs SET last_seen_at = ? WHERE outcome = 'running'").run(at);
  }

  silentSince(before: number): string[] {
    const rows = this.#database
      .prepare("SELECT id FROM runs WHERE outcome = 'running' AND last_seen_at < ?")
      .all(before);
    return z
      .array(z.object({ id: z.string() }))
      .parse(rows)
      .map(({ id }) => id);
  }

  /** Forgets runs that finished before a time; returns their ids, whose logs can go. */
  prune(before: number): string[] {
    const rows = this.#database.prepare('DELETE FROM runs WHERE finished_at < ? RETURNING id').all(before);
    return z
      .array(z.object({ id: z.string() }))
      .parse(rows)
      .map(({ id }) => id);
  }
}
