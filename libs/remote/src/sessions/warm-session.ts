import { PassThrough, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunCommand } from '@build-machines/protocol';
import type { ExecExit, TransportFactory } from '../connection/agent-transport.js';
import { watchedTransport } from '../connection/watched-transport.js';
import { OutputMapper } from '../runs/output-mapping.js';
import { difference } from '../sync/difference.js';
import { foldersAbove } from '../sync/workspace-folders.js';
import type { ListSources } from '../runs/source-list.js';
import { workspaceId } from '../workspace-state/workspace-id.js';
import { prepareSession } from './prepare-session.js';

/** How long a program may take to end after the end of its input, in milliseconds; then its connection is closed. */
const FAREWELL = 3_000;

export interface WarmSessionOptions {
  readonly connect: TransportFactory;
  /** On no account over a connection that exists already: it may be dead. */
  readonly fresh?: boolean;
  /** Absolute path. */
  readonly workspaceRoot: string;
  readonly machine: string;
  /** Login name on the workstation. */
  readonly user: string;
  /** All that the command shall see. */
  readonly sources: ListSources;
  readonly command: RunCommand;
  /** What the command prints, with the workspace's paths in place of the mirror's. */
  readonly onOutput: (stream: 'stdout' | 'stderr', text: string) => void;
  readonly signal: AbortSignal;
}

/** A program that stays alive on the machine while the sources change. */
export interface WarmSession {
  /** Folders of the workspace that hold the session's sources, as of the last sync. */
  folders(): string[];
  /**
   * Brings the machine's mirror to the workspace's present state.
   * @returns the files that differ from this session's last sync, whoever has sent them: a build that ran in between may.
   */
  sync(): Promise<string[]>;
  /** Sends text to the program's standard input. */
  write(text: string): void;
  /** How the program ended. Rejects when the connection was lost. */
  readonly ended: Promise<ExecExit>;
  /** Ends the program, by the end of its input, and the connection. */
  close(): Promise<void>;
}

/**
 * Syncs, then starts a program that is fed by its caller, such as a GHCi that is reloaded on every save.
 * @throws as openSession.
 */
export async function openWarmSession(options: WarmSessionOptions): Promise<WarmSession> {
  const { connect, fresh, workspaceRoot, machine, user, sources, command, onOutput, signal } = options;
  const workspace = { id: await workspaceId(workspaceRoot), user };
  const submission = { workspaceRoot, workspace, machine, sources, command, onProgress: () => undefined, signal };
  const transport = watchedTransport(await connect({ signal, fresh }), machine);
  try {
    const { ticket, list } = await prepareSession(transport, submission);
    let { entries } = list;
    const stdin = new PassThrough();
    const streams = { stdout: mapped('stdout', ticket.mirrorRoot), stderr: mapped('stderr', ticket.mirrorRoot) };
    const ended = transport.exec(ticket.command, { stdin, ...streams, signal }).finally(() => {
      for (const stream of Object.values(streams)) stream.end();
    });
    return {
      folders: () => [...new Set(entries.flatMap(({ path }) => foldersAbove(path).map((folder) => folder || '.')))],
      sync: async () => {
        const next = await prepareSession(transport, submission);
        const changes = difference(entries, next.list.entries);
        entries = next.list.entries;
        return [...changes.entries.map(({ path }) => path), ...changes.removed];
      },
      write: (text) => void stdin.write(text),
      ended,
      close: async () => {
        stdin.end();
        const gone = ended.catch(() => undefined); // Whoever waits for the end has had this error.
        if (!signal.aborted) await Promise.race([gone, sleep(FAREWELL, undefined, { ref: false })]);
        transport.close();
      },
    };
  } catch (error) {
    transport.close();
    throw error;
  }

  function mapped(stream: 'stdout' | 'stderr', mirrorRoot: string): Writable {
    const mapper = new OutputMapper(mirrorRoot, workspaceRoot);
    const decoder = new TextDecoder();
    return new Writable({
      write(chunk: Buffer, _encoding, done) {
        const text = mapper.push(decoder.decode(chunk, { stream: true }));
        if (text !== '') onOutput(stream, text);
        done();
      },
      final(done) {
        const text = mapper.flush();
        if (text !== '') onOutput(stream, text);
        done();
      },
    });
  }
}
