import { stateFolder } from '@build-machines/machines';
import { type AgentInfo, BuildMachinesError } from '@build-machines/protocol';
import { askAgentPatiently } from './ask-agent.js';

class Failure extends BuildMachinesError {
  constructor(readonly code: string) {
    super(code, { hint: '' });
  }
}

describe('an agent that was only just started', () => {
  const state = stateFolder({ BUILD_MACHINES_HOME: '/nowhere' });
  const info = { hostname: 'box' } as AgentInfo;
  /** Fails as it is told to, one question after the other, and then answers. */
  const answering = (...failures: string[]) =>
    jest.fn(async () => {
      const code = failures.shift();
      if (code !== undefined) throw new Failure(code);
      return info;
    });

  it('is asked again until it listens', async () => {
    const ask = answering('agent-down', 'agent-down');
    expect(await askAgentPatiently(state, 'box', { ask })).toBe(info);
    expect(ask).toHaveBeenCalledTimes(3);
  });

  it('is given up when its time is over, with a hint that is not the command that failed', async () => {
    const ask = answering('agent-down', 'agent-down');
    const asking = askAgentPatiently(state, 'box', { withinMs: 0, ask });
    await expect(asking).rejects.toMatchObject({
      code: 'agent-stays-down',
      hint: expect.stringContaining('nx run box:logs --unit=agent'),
    });
    await expect(asking).rejects.not.toMatchObject({ hint: expect.stringMatching(/start it with "?nx run box:up/i) });
    expect(ask).toHaveBeenCalledTimes(1);
  });

  it('is not waited for when something else is wrong', async () => {
    const ask = answering('host-key-changed');
    await expect(askAgentPatiently(state, 'box', { ask })).rejects.toMatchObject({ code: 'host-key-changed' });
    expect(ask).toHaveBeenCalledTimes(1);
  });

  it('is not waited for by somebody who interrupts', async () => {
    const ask = answering('agent-down', 'agent-down');
    const signal = AbortSignal.abort();
    await expect(askAgentPatiently(state, 'box', { ask, signal })).rejects.toMatchObject({ name: 'AbortError' });
  });
});
