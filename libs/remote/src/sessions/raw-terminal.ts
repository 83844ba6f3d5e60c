import type { ReadStream, WriteStream } from 'node:tty';
import type { PtyRequest, WindowSize } from '../connection/agent-transport.js';

/** A terminal's two ends. */
export interface Terminal {
  readonly input: ReadStream;
  readonly output: WriteStream;
}

/** The pseudo-terminal on the machine that mirrors this one. */
export function ptyFor({ output }: Terminal, term: string | undefined): PtyRequest {
  return {
    term: term ?? 'xterm-256color',
    ...sizeOf(output),
    onResize(listener) {
      const resized = () => {
        listener(sizeOf(output));
      };
      output.on('resize', resized);
      return () => output.off('resize', resized);
    },
  };
}

/**
 * Does `work` with the terminal in raw mode: each key, Ctrl-C too, goes to the machine as it is typed. The mode is
 * restored whatever happens, also when the process exits meanwhile.
 */
export async function inRawMode<T>({ input }: Terminal, work: () => Promise<T>): Promise<T> {
  const before = input.isRaw;
  const restore = () => {
    input.setRawMode(before);
  };
  process.once('exit', restore);
  input.setRawMode(true);
  try {
    return await work();
  } finally {
    process.off('exit', restore);
    restore();
  }
}

function sizeOf(output: WriteStream): WindowSize {
  // A terminal that knows no size reports 0 or nothing.
  return { columns: output.columns || 80, rows: output.rows || 24 };
}
