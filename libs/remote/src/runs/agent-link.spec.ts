import type { AgentTransport } from '../connection/agent-transport.js';
import {
  AgentDownError,
  ConnectionLostError,
  HostKeyChangedError,
  MachineUnreachableError,
} from '../connection/connection-errors.js';
import { AgentLink, reconnectDelay } from './agent-link.js';
import type { RunProgress } from './run-progress.js';

const box = { name: 'box', sshHost: 'localhost', sshPort: 1 };
const transport: AgentTransport = {
  request: () => Promise.reject(new Error('not here')),
  exec: () => Promise.reject(new Error('not here')),
  close: () => undefined,
};

function link(
  patience: number,
  {
    connect = () => Promise.resolve(transport),
    restartPatience = 10_000,
    unreachablePatience = 60_000,
  }: { connect?: () => Promise<AgentTransport>; restartPatience?: number; unreachablePatience?: number } = {},
) {
  const told: RunProgress['type'][] = [];
  const events: RunProgress[] = [];
  const { signal } = new AbortController();
  const made = new AgentLink('box', connect, {
    patience,
    restartPatience,
    unreachablePatience,
    signal,
    onProgress: (event) => {
      events.push(event);
      told.push(event.type);
    },
  });
  return { link: made, told, events };
}

describe('the way to the agent', () => {
  it('is made again after a loss, and says so', async () => {
    const { link: way, told } = link(5_000);
    let times = 0;
    const result = await way.use(() => {
      times += 1;
      return times === 1 ? Promise.reject(new ConnectionLostError(box, 'cut')) : Promise.resolve('done');
    });
    expect([result, times, told]).toEqual(['done', 2, ['connection-lost', 'reconnected']]);
  });

  it('counts its patience anew after progress, so that a long run survives many short losses', async () => {
    const { link: way } = link(400);
    let times = 0;
    const result = await way.use(async () => {
      times += 1;
      if (times > 4) return 'done';
      await new Promise((resolve) => setTimeout(resolve, 250));
      way.progressed();
      throw new ConnectionLostError(box, 'cut');
    });
    expect([result, times]).toEqual(['done', 5]);
  });

  it('is given up when patience ends without progress', async () => {
    const { link: way } = link(300);
    await way.use(() => Promise.resolve());
    await expect(way.use(() => Promise.reject(new ConnectionLostError(box, 'cut')))).rejects.toMatchObject({
      code: 'reconnect-gave-up',
    });
  });

  it('is given up sooner, with the reason itself, when nothing ever came: no run of ours goes on there', async () => {
    const { link: way } = link(600_000, { unreachablePatience: 300 });
    let times = 0;
    const lostThenGone = () =>
      Promise.reject(times++ === 0 ? new ConnectionLostError(box, 'cut') : new MachineUnreachableError(box, 'gone'));
    await expect(way.use(lostThenGone)).rejects.toMatchObject({ code: 'machine-unreachable' });
    expect(times).toBeGreaterThan(1);
  });

  it('tells at each attempt for how long it has been lost, and when it is given up', async () => {
    const { link: way, events } = link(600);
    await way.use(() => Promise.resolve());
    await way.use(() => Promise.reject(new ConnectionLostError(box, 'cut'))).catch(() => undefined);
    const losses = events.flatMap((event) => (event.type === 'connection-lost' ? [event] : []));
    expect(losses.length).toBeGreaterThan(1);
    for (const { lostForMs, giveUpInMs } of losses) expect(lostForMs + giveUpInMs).toBeCloseTo(600, -1);
    expect(losses[0]?.lostForMs).toBeLessThan(100);
    expect(losses[1]?.lostForMs).toBeGreaterThan(100);
  });

  it('is not tried again when it never worked, nor for what no trying mends', async () => {
    const unreachable = link(5_000, { connect: () => Promise.reject(new MachineUnreachableError(box, 'down')) });
    await expect(unreachable.link.use(() => Promise.resolve())).rejects.toMatchObject({ code: 'machine-unreachable' });
    let times = 0;
    const connect = () => {
      times += 1;
      return times === 1 ? Promise.resolve(transport) : Promise.reject(new HostKeyChangedError(box, 'x', 'y'));
    };
    const changed = link(5_000, { connect });
    const cut = () => Promise.reject(new ConnectionLostError(box, 'cut'));
    await expect(changed.link.use(cut)).rejects.toMatchObject({ code: 'host-key-changed' });
  });

  it('waits for an agent to be started again, but not for long when nothing ever came from it', async () => {
    const { link: way } = link(600_000, { restartPatience: 500 });
    let times = 0;
    const lostThenDown = () =>
      Promise.reject(times++ === 0 ? new ConnectionLostError(box, 'cut') : new AgentDownError(box, '/socket'));
    await expect(way.use(lostThenDown)).rejects.toMatchObject({ code: 'agent-down' });
    expect(times).toBeGreaterThan(2);
  });

  it('waits longer each time, within bounds, and never the same for all', () => {
    expect([0, 1, 2, 10, 99].map((attempt) => reconnectDelay(attempt, () => 1))).toEqual([
      250, 500, 1000, 15_000, 15_000,
    ]);
    expect(reconnectDelay(10, () => 0)).toBe(7_500);
  });
});
