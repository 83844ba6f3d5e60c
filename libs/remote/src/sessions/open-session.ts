import type { Readable, Writable } from 'node:stream';
import { ReadStream, WriteStream } from 'node:tty';
import type { RunCommand } from '@build-machines/protocol';
import type { ExecExit, TransportFactory } from '../connection/agent-transport.js';
import { watchedTransport } from '../connection/watched-transport.js';
import type { RunProgress } from '../runs/run-progress.js';
import type { ListSources } from '../runs/source-list.js';
import { workspaceId } from '../workspace-state/workspace-id.js';
import { prepareSession } from './prepare-session.js';
import { inRawMode, ptyFor, type Terminal } from './raw-terminal.js';

export interface SessionOptions {
  readonly connect: TransportFactory;
  /** Absolute path. */
  readonly workspaceRoot: string;
  readonly machine: string;
  /** Login name on the workstation. */
  readonly user: string;
  /** All that the command shall see. */
  readonly sources: ListSources;
  readonly command: RunCommand;
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** Value of TERM here. */
  readonly term?: string;
  readonly onProgress?: (progress: RunProgress) => void;
  readonly signal?: AbortSignal;
}

/**
 * Syncs, then runs a command with this process's streams: on a terminal (stdin and stdout both are one) in a PTY with
 * keys, colours and window size; else with stdin piped. Resolves with the command's own exit.
 * @throws as runRemotely; ConnectionLostError when the connection ends under the session, which then is over.
 */
export async function openSession(options: SessionOptions): Promise<ExecExit> {
  const { connect, workspaceRoot, machine, user, sources, command, stdin, stdout, stderr } = options;
  const signal = options.signal ?? new AbortController().signal;
  const workspace = { id: await workspaceId(workspaceRoot), user };
  const onProgress = options.onProgress ?? (() => undefined);
  const transport = watchedTransport(await connect({ signal }), machine);
  try {
    const submission = { workspaceRoot, workspace, machine, sources, command, onProgress, signal };
    const { ticket } = await prepareSession(transport, submission);
    onProgress({ type: 'session' });
    const terminal = asTerminal(stdin, stdout);
    const streams = { stdin, stdout, stderr, signal };
    if (terminal === undefined) return await transport.exec(ticket.command, streams);
    const pty = ptyFor(terminal, options.term);
    return await inRawMode(terminal, () => transport.exec(ticket.command, { ...streams, pty }));
  } finally {
    transport.close();
  }
}

function asTerminal(input: Readable, output: Writable): Terminal | undefined {
  return input instanceof ReadStream && output instanceof WriteStream ? { input, output } : undefined;
}
