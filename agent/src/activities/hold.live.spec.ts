import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { builtProgram } from '@build-machines/testing';
import { AgentProcess, allEvents } from '../testing/agent-process.js';
import { resultOf, shell, submit } from '../testing/run-requests.js';

let folder: string;
let workspace: string;
let agent: AgentProcess;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bm-h-'));
  workspace = join(folder, 'ws');
  mkdirSync(workspace);
  writeFileSync(join(workspace, 'input'), 'hello\n');
  agent = await AgentProcess.start(builtProgram('agent/build-agent.cjs'), folder);
});
afterAll(async () => {
  await agent.stop();
  rmSync(folder, { recursive: true, force: true });
});

const hold = (): Promise<IncomingMessage> => agent.request('POST', '/v1/hold');

describe('a hold', () => {
  it('is refused while a run goes on, which it names', async () => {
    const go = join(folder, 'go');
    const run = await submit(agent, workspace, { argv: shell(`until [ -e '${go}' ]; do sleep 0.1; done`) });
    const refused = await hold();
    expect(refused.statusCode).toBe(409);
    expect(await json(refused)).toMatchObject({
      code: 'agent-busy',
      details: { activities: [{ kind: 'run', label: 'test:run' }] },
    });
    writeFileSync(go, '');
    expect(resultOf(await allEvents(run)).outcome).toBe('succeeded');
  });

  it('keeps a run waiting while its connection stays open, and no longer', async () => {
    const held = await hold();
    expect(held.statusCode).toBe(200);
    let answered = false;
    const run = submit(agent, workspace, { argv: ['true'], env: { N: '1' } }).then((answer) => {
      answered = true;
      return answer;
    });
    await pause(500);
    expect(answered).toBe(false);
    held.destroy();
    expect(resultOf(await allEvents(await run)).outcome).toBe('succeeded');
  });

  it('is refused while a session is prepared or goes on', async () => {
    const prepared = await submit(agent, workspace, { label: 'test:ghci', argv: ['sleep', '60'] }, '/v1/sessions');
    const { sessionId } = (await json(prepared)) as { sessionId: string };
    expect(await json(await hold())).toMatchObject({ details: { activities: [{ label: 'test:ghci' }] } });
    const claimed = await agent.request('POST', `/v1/sessions/${sessionId}/claim`);
    await once(claimed, 'data');
    expect(await json(await hold())).toMatchObject({ details: { activities: [{ kind: 'session' }] } });
    claimed.destroy();
  });
});
