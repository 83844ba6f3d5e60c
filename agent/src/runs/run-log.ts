import { open, type FileHandle } from 'node:fs/promises';
import type { RunEvent } from '@build-machines/protocol';

/** An event of the log before it has its place in it. */
export type LoggedEvent = RunEvent extends infer E ? (E extends { seq: number } ? Omit<E, 'seq'> : never) : never;

/** What a reader needs of a log, whether it still grows or lies on disk for long. */
export interface LogView {
  readonly file: string;
  /** Bytes of complete lines in the file. */
  readonly size: number;
  /** Lines that follow those in the file, kept in memory because the disk was full or they are no part of the log. */
  readonly tail: readonly string[];
  readonly ended: boolean;
  /** Resolves when something was added, or the log ended. */
  changed(): Promise<void>;
}

/** Of output beyond the bound, so much of the end is kept, in bytes of its lines: errors come last. */
const LAST_BYTES = 256 * 1024;

/**
 * The event log of one run: NDJSON on disk, line n is the event with seq n. Of output beyond a bound only the end is kept;
 * events of other kinds are always kept, in memory if the disk is full. Whoever appends waits for the disk only,
 * never for a reader: readers follow the file, see follow-log.ts.
 */
export class RunLog implements LogView {
  #seq = 0;
  #size = 0;
  #outputBytes = 0;
  #truncated = false;
  #ended = false;
  readonly #tail: string[] = [];
  /** The latest output beyond the bound, until an event of another kind comes. */
  readonly #last: { readonly event: LoggedEvent; readonly bytes: number }[] = [];
  #lastBytes = 0;
  #writing: Promise<void> = Promise.resolve();
  #wake: () => void = () => undefined;
  #changed: Promise<void>;

  private constructor(
    readonly file: string,
    private readonly handle: FileHandle,
    private readonly maxOutputBytes: number,
  ) {
    this.#changed = this.#nextChange();
  }

  /** @param maxOutputBytes bound of the kept output, in bytes of its lines in the file. */
  static async create(file: string, maxOutputBytes: number): Promise<RunLog> {
    return new RunLog(file, await open(file, 'wx', 0o600), maxOutputBytes);
  }

  get size(): number {
    return this.#size;
  }
  get tail(): readonly string[] {
    return this.#tail;
  }
  get ended(): boolean {
    return this.#ended;
  }
  /** Whether output was left out. */
  get truncated(): boolean {
    return this.#truncated;
  }
  changed(): Promise<void> {
    return this.#changed;
  }

  /** Adds an event; resolves when readers can see it. Never rejects: a run does not fail for its log. */
  append(event: LoggedEvent): Promise<void> {
    const adding = this.#writing.then(() => this.#append(event));
    this.#writing = adding;
    return adding;
  }

  /** Ends the log. @param last a line for present followers that is no part of the log, such as an `error` event. */
  async end(last?: RunEvent): Promise<void> {
    await this.#writing;
    if (last !== undefined) this.#tail.push(`${JSON.stringify(last)}\n`);
    this.#ended = true;
    await this.handle.close();
    this.#notify();
  }

  async #append(event: LoggedEvent): Promise<void> {
    if (event.type !== 'output') {
      for (const { event: output } of this.#last.splice(0)) await this.#write(this.#line(output), true);
      this.#lastBytes = 0;
      await this.#write(this.#line(event));
      return;
    }
    const line = this.#line(event);
    if (this.#outputBytes > this.maxOutputBytes) this.#keepLast(event, line.length);
    else if ((this.#outputBytes += line.length) > this.maxOutputBytes) {
      this.#truncated = true;
      await this.#write(this.#line({ type: 'output', stream: 'stderr', text: this.#truncationNotice() }));
      this.#keepLast(event, line.length);
    } else await this.#write(line, true);
  }

  #keepLast(event: LoggedEvent, bytes: number): void {
    this.#last.push({ event, bytes });
    this.#lastBytes += bytes;
    while (this.#lastBytes > Math.min(LAST_BYTES, this.maxOutputBytes))
      this.#lastBytes -= this.#last.shift()?.bytes ?? 0;
  }

  #line(event: LoggedEvent): Buffer {
    const { type, ...rest } = event;
    return Buffer.from(`${JSON.stringify({ type, seq: this.#seq, ...rest })}\n`);
  }

  #truncationNotice(): string {
    const mebibytes = Math.round(this.maxOutputBytes / 1024 / 1024);
    return `\n[build-machines] The output exceeds ${mebibytes} MiB; of the rest only the end is kept. The run goes on.\n`;
  }

  async #write(line: Buffer, expendable = false): Promise<void> {
    if (this.#tail.length === 0 && (await this.#toDisk(line))) this.#seq++;
    else if (expendable) this.#truncated = true;
    else {
      this.#tail.push(line.toString());
      this.#seq++;
    }
    this.#notify();
  }

  /** Writes at the end of the complete lines, so that what a failed write left there is overwritten by the next. */
  async #toDisk(line: Buffer): Promise<boolean> {
    try {
      let done = 0;
      while (done < line.length) {
        const { bytesWritten } = await this.handle.write(line, done, line.length - done, this.#size + done);
        done += bytesWritten;
      }
      this.#size += line.length;
      return true;
    } catch {
      // Disk full or failing: the build must go on, and `logTruncated` tells the user.
      await this.handle.truncate(this.#size).catch(() => undefined);
      return false;
    }
  }

  #notify(): void {
    const wake = this.#wake;
    this.#changed = this.#nextChange();
    wake();
  }

  #nextChange(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
