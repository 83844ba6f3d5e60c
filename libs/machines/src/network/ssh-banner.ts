import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Waits between attempts, in milliseconds. */
const RETRY_EVERY_MS = 100;

/**
 * Connects until something answers with an SSH banner (RFC 4253, 4.2: `SSH-2.0-…`), which a tunnel whose far end is
 * missing does not. Returns the banner.
 * @throws Error with the last failure after `timeoutMs`; the reason of `signal` when that aborts.
 */
export async function readBanner(options: {
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}): Promise<string> {
  const deadline = performance.now() + options.timeoutMs;
  for (;;) {
    options.signal?.throwIfAborted();
    try {
      return await bannerOnce(options.host, options.port, Math.max(deadline - performance.now(), RETRY_EVERY_MS));
    } catch (error) {
      if (performance.now() >= deadline) throw error;
      await sleep(RETRY_EVERY_MS, undefined, { signal: options.signal });
    }
  }
}

/** One attempt. */
export function bannerOnce(host: string, port: number, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    let received = '';
    const fail = (error: Error): void => {
      socket.destroy();
      reject(error);
    };
    socket.setTimeout(timeoutMs, () => {
      fail(new Error(`${host}:${port} was silent for ${Math.round(timeoutMs)} ms`));
    });
    socket.on('error', fail);
    socket.on('close', () => {
      fail(new Error(`${host}:${port} closed the connection without an SSH banner`));
    });
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString('latin1');
      const banner = /^(SSH-2\.0-[^\r\n]*)\r?$/m.exec(received)?.[1];
      if (banner === undefined && received.length < 8192 && !/^SSH-1/.test(received)) return;
      socket.removeAllListeners('close');
      socket.destroy();
      if (banner === undefined) reject(new Error(`${host}:${port} answered, but not as an SSH server`));
      else resolve(banner);
    });
  });
}
