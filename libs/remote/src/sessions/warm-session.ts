import { PassThrough, Writable } from 'node:stream';
import type { RunCommand, SyncScope } from '@build-machines/protocol';
import type { ExecExit, TransportFactory } from '../connection/agent-transport.js';
import { OutputMapper } from '../runs/output-mapping.js';
import type { SyncFigures } from '../runs/submit.js';
import { workspaceId } from '../workspace-state/workspace-id.js';
import { prepareSession } from './prepare-session.js';

export interface WarmSessionOptions {
  readonly connect: TransportFactory;
  /** Absolute path. */
  readonly workspaceRoot: string;
  readonly machine: string;
  /** Login name on the workstation. */
  readonly user: string;
  readonly scope: SyncScope;
  readonly command: RunCommand;
  /** What the command prints, with the workspace's paths in place of the mirror's. */
  readonly onOutput: (stream: 'stdout' | 'stderr', text: string) => void;
  readonly signal: AbortSignal;
}

/** A program that stays alive on the machine while the sources change. */
export interface WarmSession {
  /** Brings the machine's mirror to the workspace's present state. */
  sync(): Promise<SyncFigures>;
  /** Sends text to the program's standard input. */
  write(text: string): void;
  /** How the program ended. Rejects when the connection was lost. */
  readonly ended: Promise<ExecExit>;
  /** Ends the program, by the end of its input, and the connection. */
  close(): void;
}

/**
 * Syncs, then starts a program that is fed by its caller, such as a GHCi that is reloaded on every save.
 * @throws as openSession.
 */
export async function openWarmSession(options: WarmSessionOptions): Promise<WarmSession> {
  const { connect, workspaceRoot, machine, user, scope, command, onOutput, signal } = options;
  const workspace = { id: await workspaceId(workspaceRoot), user };
  const submission = { workspaceRoot, workspace, machine, scope, command, onProgress: () => undefined, signal };
  const transport = await connect({ signal });
  try {
    const { ticket } = await prepareSession(transport, submission);
    const stdin = new PassThrough();
    const streams = { stdout: mapped('stdout', ticket.mirrorRoot), stderr: mapped('stderr', ticket.mirrorRoot) };
    return {
      sync: async () => (await prepareSession(transport, submission)).sync,
      write: (text) => void stdin.write(text),
      ended: transport.exec(ticket.command, { stdin, ...streams, signal }),
      close: () => {
        stdin.end();
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
