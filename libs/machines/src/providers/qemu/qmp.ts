import { createConnection, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { hasErrorCode } from '../../disk/missing.js';
import { QmpError } from './errors.js';

const Answer = z.union([
  z.object({ return: z.unknown() }),
  z.object({ error: z.object({ class: z.string(), desc: z.string() }) }),
]);

/** How long QEMU may take to answer, in milliseconds; it answers at once unless its main loop is stuck. */
const PATIENCE_MS = 10_000;

/**
 * Sends one command over QEMU's control socket (QEMU Machine Protocol: a greeting, `qmp_capabilities`, then commands;
 * events in between are skipped).
 * @returns undefined when nobody listens: the machine is off.
 * @throws QmpError
 */
export async function qmp(socketPath: string, command: string): Promise<{ answer: unknown } | undefined> {
  const socket = await connect(socketPath);
  if (socket === undefined) return undefined;
  socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error('no answer')));
  try {
    const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
    await nextLine(lines, 'QMP');
    await execute(socket, lines, 'qmp_capabilities');
    return { answer: await execute(socket, lines, command) };
  } catch (error) {
    if (error instanceof QmpError) throw error;
    throw new QmpError(`QEMU did not answer ${command} on ${socketPath}: ${String(error)}`, {
      hint: 'If the machine hangs, take its power away: vm-stop --timeoutSeconds=0',
      cause: error,
    });
  } finally {
    socket.destroy();
  }
}

function connect(path: string): Promise<Socket | undefined> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    socket.once('connect', () => {
      resolve(socket);
    });
    socket.once('error', (error) => {
      if (hasErrorCode(error, 'ENOENT', 'ECONNREFUSED')) resolve(undefined);
      else reject(error);
    });
  });
}

async function execute(socket: Socket, lines: AsyncIterator<string>, command: string): Promise<unknown> {
  socket.write(`${JSON.stringify({ execute: command })}\n`);
  const answer = Answer.parse(await nextLine(lines, 'return', 'error'));
  if ('error' in answer)
    throw new QmpError(`QEMU refused ${command}: ${answer.error.desc}`, { hint: 'Look at the log of the machine.' });
  return answer.return;
}

/** The next line that has one of these keys; others are events. */
async function nextLine(lines: AsyncIterator<string>, ...keys: string[]): Promise<Record<string, unknown>> {
  for (;;) {
    const { value, done } = await lines.next();
    if (done === true) throw new Error('the connection ended');
    const message = z.record(z.string(), z.unknown()).parse(JSON.parse(value));
    if (keys.some((key) => key in message)) return message;
  }
}
