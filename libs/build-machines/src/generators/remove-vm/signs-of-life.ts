import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { StateFolder } from '@build-machines/machines';

/** How long to wait for an answer on loopback, where a listener answers at once, in milliseconds. */
const ANSWER_MS = 1_000;

/**
 * What shows that a machine is up, in words; undefined when nothing does. Looks at what the workstation has of it: the
 * record that `up` writes and `destroy` removes, and the tunnel's end.
 * @param port the machine's port in the registry; undefined where it has none.
 */
export async function signOfLife(
  state: StateFolder,
  name: string,
  port: number | undefined,
): Promise<string | undefined> {
  if (port !== undefined && (await isListening(port))) return `its tunnel listens on port ${port}`;
  if (existsSync(join(state.machine(name), 'access.json'))) return 'this workstation holds its access record';
  if (existsSync(state.sandbox(name))) return `its files are in ${state.sandbox(name)}`;
  return undefined;
}

/** Whether something accepts connections on a port of the loopback interface. */
export function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: ANSWER_MS });
    const settle = (listening: boolean) => () => {
      socket.destroy();
      resolve(listening);
    };
    socket.once('connect', settle(true)).once('timeout', settle(false)).once('error', settle(false));
  });
}
