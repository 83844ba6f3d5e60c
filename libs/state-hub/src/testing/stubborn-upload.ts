import { connect } from 'node:net';

/** What {@link stubbornUpload} sends. */
export interface StubbornUpload {
  readonly port: number;
  readonly hash: string;
  readonly token: string;
  readonly bytes: number;
  /** Further header lines; `Connection: close` asks for the connection to be closed after the answer. */
  readonly headers?: readonly string[];
}

/**
 * Uploads as a simple client does: looks at the answer only after all was sent.
 * @returns the answer, as text. @throws when the connection is reset, or nothing moves for 10 s.
 */
export function stubbornUpload({ port, hash, token, bytes, headers = [] }: StubbornUpload): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1');
    socket.setTimeout(10_000, () => socket.destroy(new Error('the upload stands still')));
    socket.on('error', reject).pause();
    const head = [
      `PUT /v1/cache/${hash} HTTP/1.1`,
      'Host: 127.0.0.1',
      `Authorization: Bearer ${token}`,
      'Content-Type: application/octet-stream',
      `Content-Length: ${bytes}`,
      ...headers,
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n`);
    socket.write(Buffer.alloc(bytes, 'x'), () => {
      socket.setEncoding('latin1').on('data', (text: string) => {
        answer += text;
        if (/\r\n\r\n[^]/.test(answer)) socket.end();
      });
      socket.resume();
      socket.on('close', () => {
        resolve(answer);
      });
    });
  });
}
