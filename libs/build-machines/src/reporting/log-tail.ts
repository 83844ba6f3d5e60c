import { open, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** Largest part of a log that is read for its last lines, in bytes. */
const TAIL_BYTES = 4 * 1024 * 1024;

/** How often a followed log is looked at, in milliseconds. */
const LOOK_EVERY_MS = 250;

/** The last lines of a file, and where it ended when they were read. */
export async function lastLines(file: string, count: number): Promise<{ text: string; end: number }> {
  const { size } = await stat(file);
  const text = await readRange(file, Math.max(0, size - TAIL_BYTES), size);
  const lines = text.replace(/\n$/, '').split('\n');
  return { text: lines.slice(-count).join('\n'), end: size };
}

/** Passes on what is added to a file, in whole lines, until `signal` aborts. A file that was cut is read from its start. */
export async function followFile(
  file: string,
  from: number,
  signal: AbortSignal,
  print: (text: string) => void,
): Promise<void> {
  let position = from;
  while (!signal.aborted) {
    const { size } = await stat(file);
    if (size < position) position = 0;
    const text = await readRange(file, position, size);
    const whole = text.lastIndexOf('\n') + 1;
    if (whole > 0) print(text.slice(0, whole));
    position += Buffer.byteLength(text.slice(0, whole));
    // The abort is how following ends, not an error.
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function readRange(file: string, from: number, to: number): Promise<string> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(to - from), 0, to - from, from);
    return buffer.subarray(0, bytesRead).toString('utf8');
  } finally {
    await handle.close();
  }
}
