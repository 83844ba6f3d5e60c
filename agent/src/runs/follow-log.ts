import { open, stat, type FileHandle } from 'node:fs/promises';
import { isErrno } from '../durable/errno.js';
import type { LogView } from './run-log.js';

const CHUNK = 64 * 1024;
const NEWLINE = 0x0a;

/** The log of a run that ended long ago. */
export async function finishedLog(file: string): Promise<LogView> {
  const { size } = await stat(file);
  return { file, size, tail: [], ended: true, changed: () => Promise.resolve() };
}

/**
 * Reads a log from event `from` on, as chunks of complete NDJSON lines, following it until it ends. Each reader has its own
 * place in the file, so a slow one costs nobody anything.
 * @param signal ends the reading when the reader is gone.
 */
export async function* followLog(log: LogView, from: number, signal: AbortSignal): AsyncGenerator<Buffer, void> {
  const handle = await openIfThere(log.file);
  if (handle === undefined) {
    yield* log.tail.map((line) => Buffer.from(line));
    return;
  }
  try {
    let position = 0;
    let toSkip = from;
    let tailRead = 0;
    let length = CHUNK;
    while (!signal.aborted) {
      const { ended } = log;
      const changed = log.changed();
      if (position < log.size) {
        const buffer = Buffer.alloc(Math.min(length, log.size - position));
        const { bytesRead } = await handle.read(buffer, 0, buffer.length, position);
        const lines = buffer.subarray(0, buffer.subarray(0, bytesRead).lastIndexOf(NEWLINE) + 1);
        // A line longer than the buffer: read again with a larger one.
        length = lines.length === 0 ? length * 2 : CHUNK;
        position += lines.length;
        const rest = skipLines(lines, toSkip);
        toSkip -= rest.skipped;
        if (rest.lines.length > 0) yield rest.lines;
      } else if (tailRead < log.tail.length) {
        const line = log.tail[tailRead++] ?? '';
        if (toSkip > 0 && !isOutsideLog(line)) toSkip--;
        else yield Buffer.from(line);
      } else if (ended) return;
      else await raceAbort(changed, signal);
    }
  } finally {
    await handle.close();
  }
}

/** The file of a run that could not begin may be gone; what its followers must know is in the tail then. */
async function openIfThere(file: string): Promise<FileHandle | undefined> {
  try {
    return await open(file, 'r');
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function skipLines(lines: Buffer, count: number): { lines: Buffer; skipped: number } {
  let start = 0;
  let skipped = 0;
  while (skipped < count && start < lines.length) {
    start = lines.indexOf(NEWLINE, start) + 1;
    skipped++;
  }
  return { lines: lines.subarray(start), skipped };
}

/** `error` events have no seq: every follower gets them, wherever it started. */
function isOutsideLog(line: string): boolean {
  return line.startsWith('{"type":"error"');
}

function raceAbort(changed: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      signal.removeEventListener('abort', done);
      resolve();
    };
    signal.addEventListener('abort', done, { once: true });
    void changed.then(done);
  });
}
