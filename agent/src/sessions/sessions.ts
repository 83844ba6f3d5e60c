import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Activity, RunRequest, SessionTicket } from '@build-machines/protocol';
import { z } from 'zod';
import type { FifoGate, Release } from '../queueing/fifo-gate.js';
import { dropUntrustedOutputs } from '../build-outputs/drop-untrusted.js';
import { admitSync } from '../mirrors/admit-sync.js';
import { membersOf } from '../processes/run-processes.js';
import { removeGivenRepository } from '../runs/given-repository.js';
import type { RunContext } from '../runs/run-context.js';
import { runEnvironment, searchPath } from '../runs/run-environment.js';
import { AgentError } from '../server/agent-error.js';
import { toolchainBinFolder } from '../toolchains/bin-folder.js';
import { markUntidy } from '../written-files/untidy-marker.js';
import { quoteForShell } from './quote-for-shell.js';

/** How long a prepared session waits for its client, in milliseconds. */
const EXPIRES_MS = 10 * 60_000;

/** How long after its claim a session counts as going on although no process of it is seen yet, in milliseconds. */
const STARTS_WITHIN_MS = 10_000;

/** How long a prepared session counts as going on before its client has claimed it, in milliseconds. */
const CLAIMED_WITHIN_MS = 60_000;

/** What `session <id>` starts; answered once by `POST /v1/sessions/{id}/claim`, which only our own program asks. */
export const SessionCommand = z.object({
  prepare: z
    .array(z.array(z.string()).min(1))
    .describe('Run before the command, while the connection of the claim is open: so long the mirror is ours.'),
  argv: z.array(z.string()).min(1),
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

interface Prepared {
  readonly command: SessionCommand;
  readonly label: string;
  /** The lock of the mirror in which it runs. */
  readonly lock: FifoGate;
  readonly expiry: NodeJS.Timeout;
  readonly activity: Activity;
}

/** A session that was handed out: it goes on while a process carries its cookie. */
interface Claimed {
  readonly activity: Activity;
  readonly at: number;
}

/**
 * Interactive commands that wait for their client. A session runs outside the agent, below sshd; it holds its mirror's
 * lock while its preparations run, which write where builds do, and not while somebody talks to it.
 */
export class Sessions {
  readonly #prepared = new Map<string, Prepared>();
  readonly #claimed = new Map<string, Claimed>();

  /** @param ownCommand program and script by which sshd starts our `session` command. */
  constructor(
    private readonly context: RunContext,
    private readonly ownCommand: readonly string[],
  ) {
    context.activities.include(() => this.activities);
  }

  /** Sessions that wait for their client or go on. */
  get activities(): Activity[] {
    const now = this.context.now().getTime();
    for (const [cookie, { at }] of this.#claimed)
      if (now - at > STARTS_WITHIN_MS && membersOf({ process: null, cookie }).length === 0)
        this.#claimed.delete(cookie);
    const prepared = [...this.#prepared.values()].filter(
      ({ activity }) => now - Date.parse(activity.since) <= CLAIMED_WITHIN_MS,
    );
    return [...prepared, ...this.#claimed.values()].map(({ activity }) => activity);
  }

  /**
   * Syncs the mirror as a run does (under its lock) and puts the command aside under a random, single-use identifier.
   * @param signal aborted when the client is gone, which takes the request out of the line.
   * @throws AgentError as for runs.
   */
  async prepare(request: RunRequest, contents: () => Readable, signal: AbortSignal): Promise<SessionTicket> {
    const { context } = this;
    const { command, workspace } = request;
    const activity: Activity = {
      kind: 'session',
      label: command.label,
      user: workspace.user,
      workspace: workspace.id,
      since: context.now().toISOString(),
    };
    // Until it is prepared; then it counts by itself.
    const preparationEnds = await context.activities.begin(() => activity, signal);
    try {
      return await this.#prepare(request, activity, contents, signal);
    } finally {
      preparationEnds();
    }
  }

  async #prepare(
    request: RunRequest,
    activity: Activity,
    contents: () => Readable,
    signal: AbortSignal,
  ): Promise<SessionTicket> {
    const { context } = this;
    const { command } = request;
    const toolchain = await context.toolchains.resolve(command.toolchain);
    const sessionId = context.randomId();
    let isPrepared = false;
    const sync = await admitSync(context.mirrors, request, contents, sessionId);
    try {
      const release = await sync.mirror.lock.enter({ label: `${command.label} (sync)` }, signal);
      try {
        await sync.apply();
        sync.mirror.visits.begin(command.label, sync.list, () => isPrepared && this.#isOver(sessionId));
        await markUntidy(sync.mirror.folder, command.outputs);
        await removeGivenRepository(sync.mirror.root);
        await dropUntrustedOutputs(sync.mirror, command);
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
    const expiry = setTimeout(() => this.#prepared.delete(sessionId), EXPIRES_MS);
    expiry.unref();
    this.#prepared.set(sessionId, {
      label: command.label,
      lock: sync.mirror.lock,
      expiry,
      activity,
      command: {
        prepare: command.prepare,
        argv: command.argv,
        cwd: join(sync.mirror.root, command.cwd),
        env: Object.fromEntries(
          Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
        ),
      },
    });
    isPrepared = true;
    const own = [...this.ownCommand, 'session', sessionId, '--socket', context.config.socket];
    // Without exec the login shell would stand between sshd and the session, which then could not see sshd end.
    return { sessionId, command: `exec ${own.map(quoteForShell).join(' ')}`, mirrorRoot: sync.mirror.root };
  }

  /**
   * Hands a prepared command out, once, with the mirror's lock where it has preparations.
   * @param gone aborted when the program that asks has ended; it then waits no longer.
   * @throws SessionUnknownError
   */
  async claim(sessionId: string, gone: AbortSignal): Promise<{ command: SessionCommand; release: Release }> {
    const prepared = this.#prepared.get(sessionId);
    if (prepared === undefined) throw new SessionUnknownError();
    clearTimeout(prepared.expiry);
    this.#prepared.delete(sessionId);
    const { command, label, lock, activity } = prepared;
    this.#claimed.set(sessionId, { activity, at: this.context.now().getTime() });
    const release = command.prepare.length === 0 ? (): void => undefined : await lock.enter({ label }, gone);
    return { command, release };
  }

  #isOver(sessionId: string): boolean {
    if (this.#prepared.has(sessionId)) return false;
    // Looks for its processes.
    void this.activities;
    return !this.#claimed.has(sessionId);
  }

  /** Forgets all prepared sessions. */
  close(): void {
    for (const { expiry } of this.#prepared.values()) clearTimeout(expiry);
    this.#prepared.clear();
  }
}
