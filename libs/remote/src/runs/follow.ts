import { RemoteReportedError, type ResolvedToolchain, type RunResult } from '@build-machines/protocol';
import type { Readable } from 'node:stream';
import { ConnectionLostError } from '../connection/connection-errors.js';
import { readEvents } from './event-stream.js';
import { OutputMapper } from './output-mapping.js';
import type { RunProgress } from './run-progress.js';

type Output = Extract<RunProgress, { type: 'output' }>;

/**
 * Follows the log of one run, over any number of connections: each event once, in order, with mapped paths. Holds where
 * it stands, so that the next connection asks for what follows.
 */
export class RunFollower {
  /** Set by the first event that a run has. */
  runId: string | undefined;
  #nextSeq = 0;
  #mappers: Record<Output['stream'], OutputMapper> | undefined;

  constructor(
    readonly machine: string,
    readonly workspaceRoot: string,
    readonly on: {
      readonly progress: (progress: RunProgress) => void;
      /** Called for whatever comes, `keepalive` too. */
      readonly sign: () => void;
      readonly accepted: (runId: string, toolchain: ResolvedToolchain) => void;
    },
  ) {}

  /** The query that continues where this one stands. */
  get continuation(): string {
    return `/v1/runs/${this.runId ?? ''}/events?from=${String(this.#nextSeq)}`;
  }

  /**
   * Reads one connection's events to the run's end.
   * @throws ConnectionLostError when they break off before it; RemoteReportedError for an `error` event.
   */
  async read(body: Readable): Promise<RunResult> {
    for await (const event of readEvents(this.machine, body)) {
      this.on.sign();
      if (event.type === 'keepalive') {
        this.#flush();
        continue;
      }
      if (event.type === 'error') throw new RemoteReportedError(event.error);
      if (event.seq < this.#nextSeq) continue;
      this.#nextSeq = event.seq + 1;
      switch (event.type) {
        case 'accepted':
          this.runId = event.runId;
          this.#mappers = {
            stdout: new OutputMapper(event.mirrorRoot, this.workspaceRoot),
            stderr: new OutputMapper(event.mirrorRoot, this.workspaceRoot),
          };
          this.on.accepted(event.runId, event.toolchain);
          break;
        case 'output':
          this.#show(event.stream, this.#mappers?.[event.stream].push(event.text) ?? event.text);
          break;
        case 'state':
          this.#flush();
          this.on.progress({ type: 'state', state: event.state, detail: event.detail });
          break;
        case 'finished':
          this.#flush();
          return event.result;
      }
    }
    const nowhere = { name: this.machine, sshHost: '', sshPort: 0 };
    throw new ConnectionLostError(nowhere, 'the event stream ended before the run did');
  }

  #flush(): void {
    for (const stream of ['stdout', 'stderr'] as const) this.#show(stream, this.#mappers?.[stream].flush() ?? '');
  }

  #show(stream: Output['stream'], text: string): void {
    if (text !== '') this.on.progress({ type: 'output', stream, text });
  }
}
