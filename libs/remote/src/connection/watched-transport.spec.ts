import { Readable } from 'node:stream';
import type { AgentRequest, AgentResponse, AgentTransport } from './agent-transport.js';
import { AgentHangsError, ConnectionLostError } from './connection-errors.js';
import { watchedTransport } from './watched-transport.js';

const times = { every: 20, within: 20 };
const answer = (): AgentResponse => ({ status: 200, headers: {}, body: Readable.from([]) });

/** A transport to an agent that answers runs when told, and questions as `alive` says. */
function transportTo(alive: () => Promise<AgentResponse>) {
  let finish: () => void = () => undefined;
  const run = new Promise<AgentResponse>((resolve) => {
    finish = () => {
      resolve(answer());
    };
  });
  const request = ({ path, signal }: AgentRequest): Promise<AgentResponse> => {
    const aborted = new Promise<never>((_, reject) => {
      signal?.addEventListener('abort', () => {
        reject(signal.reason as Error);
      });
    });
    return Promise.race([path === '/v1/alive' ? alive() : run, aborted]);
  };
  const transport: AgentTransport = {
    request,
    exec: () => Promise.reject(new Error('unused')),
    close: () => undefined,
  };
  return { transport: watchedTransport(transport, 'box', times), finish };
}

describe('a request that is answered late', () => {
  it('is waited for as long as the agent gives signs of life', async () => {
    let asked = 0;
    const { transport, finish } = transportTo(() => {
      asked += 1;
      if (asked === 4) finish();
      return asked === 2 ? new Promise(() => undefined) : Promise.resolve(answer());
    });
    expect((await transport.request({ method: 'POST', path: '/v1/runs' })).status).toBe(200);
    expect(asked).toBe(4);
  });

  it('fails when the agent hangs', async () => {
    const { transport } = transportTo(() => new Promise(() => undefined));
    await expect(transport.request({ method: 'POST', path: '/v1/runs' })).rejects.toMatchObject({
      code: 'agent-hangs',
      hint: expect.stringContaining('nx run box:logs'),
    });
  });

  it('fails when a transport finds that the agent hangs, and says since when', async () => {
    const { transport } = transportTo(() => Promise.reject(new AgentHangsError('box', 4_000)));
    const failure = transport.request({ method: 'POST', path: '/v1/runs' });
    await expect(failure).rejects.toMatchObject({
      code: 'agent-hangs',
      message: expect.stringContaining('nothing for 0 s'),
    });
  });

  it('waits on over a connection that is slow or breaks: the request itself tells of that', async () => {
    let asked = 0;
    const { transport, finish } = transportTo(() => {
      asked += 1;
      if (asked === 4) finish();
      return Promise.reject(new ConnectionLostError({ name: 'box', sshHost: '', sshPort: 0 }, 'slow'));
    });
    expect((await transport.request({ method: 'POST', path: '/v1/runs' })).status).toBe(200);
  });

  it('ends with its own signal, for its own reason', async () => {
    const { transport } = transportTo(() => Promise.resolve(answer()));
    const signal = AbortSignal.timeout(60);
    await expect(transport.request({ method: 'POST', path: '/v1/runs', signal })).rejects.toMatchObject({
      name: 'TimeoutError',
    });
  });
});
