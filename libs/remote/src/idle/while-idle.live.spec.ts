import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Activity } from '@build-machines/protocol';
import type { AgentRequest } from '../connection/agent-transport.js';
import { requestAtSocket } from '../connection/unix-socket.js';
import { whileIdle, type WhileIdleOptions } from './while-idle.js';

const build: Activity = {
  kind: 'run',
  label: 'app:remote-build',
  user: 'ada',
  workspace: 'w',
  since: '2026-01-01T12:00:00.000Z',
};

let folder: string;
let socket: string;
let agent: Server;
let answer: (path: string, response: ServerResponse) => void;
let open = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bm-i-'));
  socket = join(folder, 'a.sock');
  agent = createServer((request, response) => {
    open += 1;
    response.once('close', () => (open -= 1));
    answer(request.url ?? '', response);
  });
  await new Promise<void>((resolve) => agent.listen(socket, resolve));
});
afterAll(async () => {
  agent.closeAllConnections();
  agent.close();
  await rm(folder, { recursive: true, force: true });
});

const options = (more: Partial<WhileIdleOptions> = {}): WhileIdleOptions => ({
  machine: 'box',
  ask: (request: AgentRequest) => requestAtSocket(socket, request),
  forced: false,
  forcedBy: '--force',
  ...more,
});
const held = (_path: string, response: ServerResponse): void => void response.writeHead(200).write('{}\n');

describe('a change of a machine', () => {
  it('is made under a hold, which ends with it, also when the change fails', async () => {
    answer = held;
    for (const change of [() => Promise.resolve(open), () => Promise.reject(new Error('no disk'))])
      await whileIdle(options(), change).then(
        (during) => {
          expect(during).toBe(1);
        },
        (error: unknown) => {
          expect(error).toMatchObject({ message: 'no disk' });
        },
      );
    while (open > 0) await new Promise(setImmediate);
  });

  it('is not made while the machine is busy, and the error says with what and what to type', async () => {
    answer = (_path, response) => {
      const body = { code: 'agent-busy', message: 'busy', hint: '', details: { activities: [build] } };
      response.writeHead(409).end(JSON.stringify(body));
    };
    const change = jest.fn();
    await expect(whileIdle(options(), change)).rejects.toMatchObject({
      code: 'machine-busy',
      message: expect.stringContaining('\n  app:remote-build of ada, since '),
      hint: expect.stringContaining('--force'),
    });
    expect(change).not.toHaveBeenCalled();
    expect(await whileIdle(options({ forced: true }), () => Promise.resolve('made'))).toBe('made');
  });

  it('is not made while somebody is logged in, and the hold ends', async () => {
    answer = held;
    const others = () => Promise.resolve([{ ...build, kind: 'session' as const, label: 'bash over SSH' }]);
    await expect(whileIdle(options({ others }), () => Promise.resolve())).rejects.toThrow('bash over SSH of ada');
    while (open > 0) await new Promise(setImmediate);
  });

  it('is made where no agent is there', async () => {
    const ask = (request: AgentRequest) => requestAtSocket(join(folder, 'nobody.sock'), request);
    expect(await whileIdle(options({ ask }), () => Promise.resolve('made'))).toBe('made');
  });

  it('asks an agent of an earlier release for its runs', async () => {
    const runId = 'a'.repeat(64);
    let state = 'running';
    answer = (path, response) => {
      if (path !== '/v1/runs') response.writeHead(404).end('{}');
      else {
        const run = {
          runId,
          label: build.label,
          state,
          workspace: { id: '123e4567-e89b-42d3-a456-426614174000', user: 'ada' },
          queuedAt: build.since,
        };
        response.writeHead(200).end(JSON.stringify({ runs: [run] }));
      }
    };
    await expect(whileIdle(options(), () => Promise.resolve())).rejects.toMatchObject({ code: 'machine-busy' });
    state = 'succeeded';
    expect(await whileIdle(options(), () => Promise.resolve('made'))).toBe('made');
  });

  it('is not made when the agent says nothing', async () => {
    answer = () => undefined;
    await expect(whileIdle(options({ answersWithinMs: 100 }), () => Promise.resolve())).rejects.toMatchObject({
      code: 'machine-silent',
      hint: expect.stringContaining('--force'),
    });
  });
});
