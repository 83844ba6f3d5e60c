import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { RunEvent } from '@build-machines/protocol';

/** A real agent process, and plain HTTP to its socket. */
export class AgentProcess {
  log = '';

  private constructor(
    readonly child: ChildProcess,
    readonly folder: string,
  ) {}

  /** Starts an agent with its state below `folder` and waits until it answers. */
  static async start(bundle: string, folder: string, config: Record<string, unknown> = {}): Promise<AgentProcess> {
    const agent = AgentProcess.spawn(bundle, folder, config);
    for (;;) {
      if (agent.child.exitCode !== null) throw new Error(`the agent ended: ${agent.log}`);
      if (await agent.answers()) return agent;
      await pause(20);
    }
  }

  /** Starts an agent without waiting. */
  static spawn(bundle: string, folder: string, config: Record<string, unknown> = {}): AgentProcess {
    mkdirSync(join(folder, 'home/.cabal'), { recursive: true });
    // cabal without a configuration would go looking for its server first.
    writeFileSync(join(folder, 'home/.cabal/config'), '');
    const file = join(folder, 'agent.json');
    const defaults = { name: 'test-machine', stateDir: join(folder, 'state'), home: join(folder, 'home'), slots: 2 };
    writeFileSync(file, JSON.stringify({ ...defaults, socket: join(folder, 'a.sock'), ...config }));
    const child = spawn(process.execPath, [bundle, 'serve', '--config', file], { stdio: ['ignore', 'ignore', 'pipe'] });
    const agent = new AgentProcess(child, folder);
    child.stderr.on('data', (chunk: Buffer) => {
      agent.log += chunk.toString();
    });
    return agent;
  }

  get socket(): string {
    return join(this.folder, 'a.sock');
  }

  async answers(): Promise<boolean> {
    const connection = connect(this.socket);
    try {
      await once(connection, 'connect');
      return true;
    } catch {
      return false;
    } finally {
      connection.destroy();
    }
  }

  async request(method: string, path: string, body?: Readable | string): Promise<IncomingMessage> {
    const sending = httpRequest({ socketPath: this.socket, method, path, agent: false });
    const answer = once(sending, 'response') as Promise<[IncomingMessage]>;
    answer.catch(() => undefined);
    await pipeline(body instanceof Readable ? body : Readable.from([body ?? ''], { objectMode: false }), sending);
    return (await answer)[0];
  }

  async json(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
    const answer = await this.request(method, path, body === undefined ? undefined : JSON.stringify(body));
    return { status: answer.statusCode ?? 0, body: JSON.parse((await buffer(answer)).toString()) as unknown };
  }

  /** Ends the agent and waits for its end. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const exit = once(this.child, 'exit');
      this.child.kill(signal);
      await exit;
    }
    return this.child.exitCode;
  }
}

/** The events of an NDJSON answer, one by one; each must be as the protocol says. */
export async function* eventsOf(answer: IncomingMessage): AsyncGenerator<RunEvent, void> {
  for await (const line of createInterface({ input: answer })) yield RunEvent.parse(JSON.parse(line));
}

export async function allEvents(answer: IncomingMessage): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of eventsOf(answer)) events.push(event);
  return events;
}
