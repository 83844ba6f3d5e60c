import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { RunRequest, SessionTicket } from '@build-machines/protocol';
import { z } from 'zod';
import { admitSync } from '../mirrors/admit-sync.js';
import type { RunContext } from '../runs/run-context.js';
import { runEnvironment, searchPath } from '../runs/run-environment.js';
import { AgentError } from '../server/agent-error.js';
import { toolchainBinFolder } from '../toolchains/bin-folder.js';
import { quoteForShell } from './quote-for-shell.js';

/** How long a prepared session waits for its client, in milliseconds. */
const EXPIRES_MS = 10 * 60_000;

/** What `session <id>` starts; answered once by `POST /v1/sessions/{id}/claim`, which only our own program asks. */
export const SessionCommand = z.object({
  commands: z.array(z.array(z.string()).min(1)).min(1).describe('Preparations, then the command itself.'),
  cwd: z.string(),
  env: z.record(z.string(), z.string()),
});
export type SessionCommand = z.infer<typeof SessionCommand>;

/** The session is not there: never made, already used, or expired. */
export class SessionUnknownError extends AgentError {
  readonly code = 'session-unknown';
  readonly status = 404;
  constructor() {
    super('The prepared session is not there: it was used already, or it expired.', {
      hint: 'Start the target again.',
    });
  }
}

/** Interactive commands that wait for their client. A session runs outside the agent, below sshd, and holds no lock. */
export class Sessions {
  readonly #prepared = new Map<string, { command: SessionCommand; expiry: NodeJS.Timeout }>();

  /** @param ownCommand program and script by which sshd starts our `session` command. */
  constructor(
    private readonly context: RunContext,
    private readonly ownCommand: readonly string[],
  ) {}

  /**
   * Syncs the mirror as a run does (under its lock) and puts the command aside under a random, single-use identifier.
   * @param signal aborted when the client is gone, which takes the request out of the line.
   * @throws AgentError as for runs.
   */
  async prepare(request: RunRequest, contents: () => Readable, signal: AbortSignal): Promise<SessionTicket> {
    const { context } = this;
    const { command } = request;
    const toolchain = await context.toolchains.resolve(command.toolchain);
    const sessionId = context.randomId();
    const sync = await admitSync(context.mirrors, request.workspace, request.sync, contents, sessionId);
    try {
      const release = await sync.mirror.lock.enter({ label: `${command.label} (sync)` }, signal);
      try {
        await sync.apply();
      } finally {
        release();
      }
    } finally {
      await sync.discard();
    }
    const env = runEnvironment(
      context.account,
      {
        path: searchPath(context.config.home, context.config.tools.searchPaths),
        toolchainBin: await toolchainBinFolder(context.config.stateDir, toolchain),
        temporaryFolder: '/tmp',
        cookie: sessionId,
      },
      command.env,
    );
    this.#keep(sessionId, {
      commands: [...command.prepare, command.argv],
      cwd: join(sync.mirror.root, command.cwd),
      env: Object.fromEntries(
        Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
      ),
    });
    const own = [...this.ownCommand, 'session', sessionId, '--socket', context.config.socket];
    return { sessionId, command: own.map(quoteForShell).join(' '), mirrorRoot: sync.mirror.root };
  }

  /** Hands a prepared command out, once. @throws SessionUnknownError */
  claim(sessionId: string): SessionCommand {
    const prepared = this.#prepared.get(sessionId);
    if (prepared === undefined) throw new SessionUnknownError();
    clearTimeout(prepared.expiry);
    this.#prepared.delete(sessionId);
    return prepared.command;
  }

  /** Forgets all prepared sessions. */
  close(): void {
    for (const { expiry } of this.#prepared.values()) clearTimeout(expiry);
    this.#prepared.clear();
  }

  #keep(sessionId: string, command: SessionCommand): void {
    const expiry = setTimeout(() => this.#prepared.delete(sessionId), EXPIRES_MS);
    expiry.unref();
    this.#prepared.set(sessionId, { command, expiry });
  }
}
