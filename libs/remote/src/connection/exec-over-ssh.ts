import type { MachineAccess } from '@build-machines/machines';
import type { Client, ClientChannel } from 'ssh2';
import type { ExecExit, ExecRequest } from './agent-transport.js';
import { ConnectionLostError } from './connection-errors.js';

/**
 * Runs a command over an exec channel. Resolves when the channel has closed and all output is written.
 * @throws ConnectionLostError when the connection ends before the command does; the signal's reason when it is aborted.
 */
export async function execOverSsh(
  client: Client,
  access: MachineAccess,
  command: string,
  request: ExecRequest,
): Promise<ExecExit> {
  request.signal?.throwIfAborted();
  const channel = await openExecChannel(client, access, command, request);
  const { stdin, stdout, stderr, signal, pty } = request;
  const unsubscribe = pty?.onResize?.(({ rows, columns }) => {
    channel.setWindow(rows, columns, 0, 0);
  });
  const aborted = () => {
    // Without a PTY, sshd lets a command outlive its channel; only where sshd separates privileges does it take signals.
    // The command sees the end of its streams in any case.
    channel.signal('TERM');
    channel.close();
  };
  signal?.addEventListener('abort', aborted, { once: true });
  channel.pipe(stdout, { end: false });
  channel.stderr.pipe(stderr, { end: false });
  stdin.pipe(channel);
  try {
    const exit = await exitOf(channel, signal);
    signal?.throwIfAborted();
    if (exit === undefined) throw new ConnectionLostError(access, 'it ended under the command');
    return exit;
  } finally {
    signal?.removeEventListener('abort', aborted);
    unsubscribe?.();
    stdin.unpipe(channel);
    // An unpiped stream keeps flowing into nothing; paused, it keeps its data and lets the process end.
    stdin.pause();
  }
}

function openExecChannel(
  client: Client,
  access: MachineAccess,
  command: string,
  { pty }: ExecRequest,
): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    const lost = () => {
      reject(new ConnectionLostError(access, 'it ended before the command could start'));
    };
    client.once('close', lost);
    const options = pty === undefined ? {} : { pty: { term: pty.term, cols: pty.columns, rows: pty.rows } };
    try {
      client.exec(command, options, (error, channel) => {
        client.off('close', lost);
        if (error === undefined) resolve(channel);
        else reject(new ConnectionLostError(access, error.message, error));
      });
    } catch (error) {
      client.off('close', lost);
      reject(new ConnectionLostError(access, 'it had ended before the command', error));
    }
  });
}

/** The exit that the server told, once the channel is closed; undefined when it told none, or at an abort. */
function exitOf(channel: ClientChannel, signal?: AbortSignal): Promise<ExecExit | undefined> {
  return new Promise((resolve) => {
    let exit: ExecExit | undefined;
    channel.on('exit', (code: number | null, name?: string) => {
      exit =
        name === undefined || code !== null
          ? { exitCode: code, signal: null }
          : { exitCode: null, signal: toSignal(name) };
    });
    // A channel whose connection died errs on pending writes; its close tells the story.
    channel.on('error', () => undefined);
    const over = () => {
      resolve(exit);
    };
    channel.once('close', over);
    // sshd holds its half open until the command has ended, which the caller of an abort does not wait for.
    signal?.addEventListener('abort', over, { once: true });
  });
}

/** RFC 4254 names signals without the prefix. */
function toSignal(name: string): string {
  return name.startsWith('SIG') ? name : `SIG${name}`;
}
