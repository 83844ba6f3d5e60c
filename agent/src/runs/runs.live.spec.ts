import { makeTemporaryFolderSync } from '@build-machines/owned-files';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { AgentInfo, RunList, type RunCommand, type RunEvent, type RunRequest } from '@build-machines/protocol';
import { builtProgram } from '@build-machines/testing';
import { AgentProcess, allEvents, eventsOf } from '../testing/agent-process.js';
import { framedRequest } from '../testing/framed-request.js';
import { outputOf, resultOf, runHeader, shell, submit } from '../testing/run-requests.js';
import { contentsOf } from '../testing/scan-tree.js';
import { WORKSPACE } from '../testing/sync-workspace.js';

const bundle = builtProgram('agent/build-agent.cjs');
let folder: string;
let workspace: string;
let agent: AgentProcess;

beforeEach(async () => {
  folder = makeTemporaryFolderSync(join(tmpdir(), 'bm-a-'));
  workspace = join(folder, 'ws');
  mkdirSync(workspace);
  writeFileSync(join(workspace, 'input'), 'hello\n');
  agent = await AgentProcess.start(bundle, folder, { limits: { logBytes: 200_000 } });
});
afterEach(async () => {
  await agent.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Reads events until one matches; the stream stays open. */
async function until(events: AsyncGenerator<RunEvent>, matches: (event: RunEvent) => boolean): Promise<RunEvent[]> {
  const seen: RunEvent[] = [];
  for (;;) {
    const next = await events.next();
    if (next.done === true) throw new Error(`the stream ended after ${JSON.stringify(seen.slice(-3))}`);
    seen.push(next.value);
    if (matches(next.value)) return seen;
  }
}
const isOutput = (text: string) => (event: RunEvent) => event.type === 'output' && event.text.includes(text);
const isRunning = (event: RunEvent): boolean => event.type === 'state' && event.state === 'running';
const isFinished = (event: RunEvent): boolean => event.type === 'finished';
const runs = async () => RunList.parse((await agent.json('GET', '/v1/runs')).body).runs;
/** Asks for a run of the workspace's folder, with more about who asks. */
const ask = (command: Partial<RunCommand>, about: Partial<RunRequest>, as = WORKSPACE) =>
  agent.request(
    'POST',
    '/v1/runs',
    framedRequest({ ...runHeader(workspace, command, as), ...about }, contentsOf(workspace)),
  );
const runIdOf = (events: readonly RunEvent[]): string => {
  const first = events[0];
  if (first?.type !== 'accepted') throw new Error('the first event must be "accepted"');
  return first.runId;
};
const seqsOf = (events: readonly RunEvent[]): number[] =>
  events.flatMap((event) => ('seq' in event ? [event.seq] : []));

/** A process that a test's command wrote down. */
const pidIn = (file: string): number => Number(readFileSync(file, 'utf8'));
const isAlive = (pid: number): boolean =>
  existsSync(`/proc/${pid}`) && !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z');
async function eventually(holds: () => boolean): Promise<void> {
  while (!holds()) await pause(20);
}

describe('a run', () => {
  it('sees the workspace, and its output, state and result come as numbered events', async () => {
    const events = await allEvents(
      await submit(agent, workspace, { argv: shell('cat input; echo problem >&2; exit 3') }),
    );
    expect(outputOf(events, 'stdout')).toBe('hello\n');
    expect(outputOf(events, 'stderr')).toBe('problem\n');
    expect(resultOf(events)).toMatchObject({
      outcome: 'failed',
      exitCode: 3,
      signal: null,
      received: { files: 1, bytes: 6 },
    });
    expect(seqsOf(events)).toEqual(events.map((_, index) => index));
  });

  it('gets a clean environment with its own additions', async () => {
    const events = await allEvents(await submit(agent, workspace, { argv: ['env'], env: { EXTRA: "quo'te $x" } }));
    const env = outputOf(events);
    expect(env).toContain(`HOME=${folder}/home\n`);
    expect(env).toContain('LANG=C.UTF-8\n');
    expect(env).toContain("EXTRA=quo'te $x\n");
    expect(env).toMatch(/^PATH=\S*\/state\/toolchains\//m);
    expect(env).not.toContain('JEST_WORKER_ID');
  });

  it('reads the end of its standard input at once, and keeps what has no line break at its end', async () => {
    const script = "cat; printf '10%%\\r20%%\\rdone'";
    const events = await allEvents(await submit(agent, workspace, { argv: shell(script) }));
    expect(outputOf(events)).toBe('10%\r20%\rdone');
  });

  it('has a temporary folder of its own, short enough for sockets, that is gone after it', async () => {
    const script = 'echo "$TMPDIR"; ls -A "$TMPDIR"; stat -c %a "$TMPDIR"; touch "$TMPDIR/left"';
    const [path = '', ...rest] = outputOf(
      await allEvents(await submit(agent, workspace, { argv: shell(script) })),
    ).split('\n');
    expect(path).toMatch(/^\/tmp\/.{1,12}$/);
    expect(rest).toEqual(['700', '']);
    expect(existsSync(path)).toBe(false);
  });

  it('stops at the first preparation that fails', async () => {
    const command = { prepare: [shell('echo one'), shell('exit 4'), shell('echo never')], argv: shell('echo never') };
    const events = await allEvents(await submit(agent, workspace, command));
    expect(outputOf(events)).toBe('one\n');
    expect(resultOf(events).exitCode).toBe(4);
  });

  it('that names a program the machine lacks fails with its name', async () => {
    const events = await allEvents(await submit(agent, workspace, { argv: ['no-such-program'] }));
    expect(outputOf(events)).toContain('no-such-program could not be started');
    expect(resultOf(events)).toMatchObject({ outcome: 'failed', exitCode: 127 });
  });

  it('stands back for the agent: nicer, and the first to go when memory is out', async () => {
    // It may begin before the agent has said so.
    const script = `until [ "$(nice)" -gt ${getPriority()} ] && [ "$(cat /proc/self/oom_score_adj)" = 300 ]; do sleep 0.05; done`;
    const events = await allEvents(await submit(agent, workspace, { argv: shell(`${script}; echo stands back`) }));
    expect(outputOf(events)).toBe('stands back\n');
  });

  it('leaves no processes behind', async () => {
    const pidFile = join(folder, 'pid');
    const events = await allEvents(
      await submit(agent, workspace, {
        argv: shell(`(setsid sleep 1000 & echo $! > ${pidFile}); sleep 1000 & exit 0`),
      }),
    );
    expect(resultOf(events).outcome).toBe('succeeded');
    await eventually(() => !isAlive(pidIn(pidFile)));
  });

  it('keeps multi-byte characters whole', async () => {
    const script = `for i in $(seq 200); do printf '\\303'; sleep 0.002; printf '\\274'; done`;
    const events = await allEvents(await submit(agent, workspace, { argv: shell(script) }));
    expect(outputOf(events)).toBe('ü'.repeat(200));
  });

  it('that asks for a compiler the machine lacks is refused with the fix', async () => {
    const answer = await submit(agent, workspace, { toolchain: { ghc: '1.2.3' } });
    expect(answer.statusCode).toBe(422);
    const body = (await answer.toArray()).join('');
    expect(JSON.parse(body)).toMatchObject({
      code: 'toolchain-missing',
      hint: 'nx run test-machine:ghc-install 1.2.3',
    });
  });

  it('is told apart from a request of another protocol', async () => {
    const header = { ...runHeader(workspace, {}), protocol: 99 };
    const answer = await agent.request('POST', '/v1/runs', framedRequest(header, []));
    expect(answer.statusCode).toBe(426);
    answer.resume();
  });

  it('that somebody follows goes on although its lease ended: whoever has the slot now waits', async () => {
    const gate = join(folder, 'gate');
    const gated = `until [ -e ${gate} ]; do sleep 0.05; done; echo early`;
    const early = eventsOf(await ask({ argv: shell(gated) }, { lease: { slot: 0, fence: 1 } }));
    await until(early, isRunning);
    const next = eventsOf(await ask({ argv: shell('echo next') }, { lease: { slot: 0, fence: 2 } }));
    await until(next, (event) => event.type === 'state' && event.state === 'queued');
    writeFileSync(gate, '');
    expect(resultOf((await until(early, isFinished)).slice(-1)).outcome).toBe('succeeded');
    expect(resultOf((await until(next, isFinished)).slice(-1)).outcome).toBe('succeeded');
  });

  it('does not start under a lease that has ended', async () => {
    await allEvents(await ask({ argv: shell('echo next') }, { lease: { slot: 0, fence: 2 } }));
    const late = await ask({ argv: shell('echo late') }, { lease: { slot: 0, fence: 1 } });
    expect(late.statusCode).toBe(410);
    expect(JSON.parse((await late.toArray()).join(''))).toMatchObject({ code: 'lease-superseded' });
  });

  it('is attached to under a lease that has ended, or without any', async () => {
    const gate = join(folder, 'gate');
    const gated = { argv: shell(`until [ -e ${gate} ]; do sleep 0.05; done; echo through`) };
    const first = await ask(gated, { lease: { slot: 0, fence: 1 } });
    const other = await ask({ argv: shell('echo other') }, { lease: { slot: 0, fence: 2 } });
    const asleep = await ask(gated, { lease: { slot: 0, fence: 1 } });
    const second = await ask(gated, { join: true });
    expect([asleep, second].map(({ headers }) => headers['x-run-origin'])).toEqual(['attached', 'attached']);
    writeFileSync(gate, '');
    for (const answer of [first, asleep, second, other])
      expect(resultOf(await allEvents(answer)).outcome).toBe('succeeded');
    const afterwards = await ask(gated, { join: true });
    expect(afterwards.headers['x-run-origin']).toBe('reused');
    afterwards.resume();
  });

  it('is not started by one that would only join it', async () => {
    const answer = await ask({ argv: shell('echo started') }, { join: true });
    expect(answer.statusCode).toBe(404);
    expect(JSON.parse((await answer.toArray()).join(''))).toMatchObject({ code: 'run-unknown' });
    expect(await runs()).toEqual([]);
  });

  it('that another client asked for too goes on when one cancels, and ends when both do', async () => {
    const [one, two] = [randomUUID(), randomUUID()];
    const endless = { argv: shell('sleep 600') };
    const events = eventsOf(await ask(endless, { client: one }));
    const runId = runIdOf(await until(events, isRunning));
    (await ask(endless, { client: two, join: true })).destroy();
    const cancel = (client: string) => agent.json('POST', `/v1/runs/${runId}/cancel`, { reason: 'enough', client });
    await cancel(one);
    await cancel(one);
    expect((await runs()).map(({ state }) => state)).toEqual(['running']);
    await cancel(two);
    expect(resultOf((await until(events, isFinished)).slice(-1)).outcome).toBe('cancelled');
  });

  describe('whose client was killed', () => {
    const [killed, living, next] = [randomUUID(), randomUUID(), randomUUID()];
    const endless = { argv: shell('sleep 600') };

    it('ends for another run of its workspace', async () => {
      (await ask(endless, { client: killed })).destroy();
      const events = await allEvents(
        await ask({ argv: shell('echo changed') }, { client: next, deadClients: [killed] }),
      );
      expect(resultOf(events).outcome).toBe('succeeded');
      expect((await runs()).map(({ state }) => state)).toEqual(['succeeded', 'cancelled']);
    });

    it('is attached to by the same run', async () => {
      (await ask(endless, { client: killed })).destroy();
      const again = await ask(endless, { client: next, deadClients: [killed] });
      expect(again.headers['x-run-origin']).toBe('attached');
    });

    it.each([
      ['has another client that lives', { deadClients: [killed] }, living],
      ['is not known to be dead', {}, undefined],
    ])('goes on when it %s', async (_case, says, second) => {
      (await ask(endless, { client: killed })).destroy();
      if (second !== undefined) (await ask(endless, { client: second })).destroy();
      const waiting = eventsOf(await ask({ argv: shell('echo changed') }, { client: next, ...says }));
      await until(waiting, (event) => event.type === 'state' && event.state === 'queued');
      await pause(1_500);
      expect((await runs()).map(({ state }) => state).sort()).toEqual(['queued', 'running']);
    });

    it('goes on as long as somebody follows it', async () => {
      const followed = eventsOf(await ask(endless, { client: killed }));
      await until(followed, isRunning);
      const waiting = eventsOf(await ask({ argv: shell('echo changed') }, { client: next, deadClients: [killed] }));
      await until(waiting, (event) => event.type === 'state' && event.state === 'queued');
      await pause(1_500);
      expect((await runs()).map(({ state }) => state).sort()).toEqual(['queued', 'running']);
    });

    it('does not end for another workspace', async () => {
      (await ask(endless, { client: killed, lease: { slot: 0, fence: 1 } })).destroy();
      const other = { ...WORKSPACE, user: 'other' };
      const about = { client: next, deadClients: [killed], lease: { slot: 0, fence: 2 } };
      const events = await allEvents(await ask({ argv: shell('echo other') }, about, other));
      expect(resultOf(events)).toMatchObject({ outcome: 'succeeded', reason: null });
      await pause(1_500);
      expect((await runs()).map(({ state }) => state).sort()).toEqual(['running', 'succeeded']);
    });
  });

  it('goes on under the next lease of the same client', async () => {
    const gate = join(folder, 'gate');
    const header = runHeader(workspace, { argv: shell(`until [ -e ${gate} ]; do sleep 0.05; done; echo through`) });
    const ask = (fence: number) =>
      agent.request('POST', '/v1/runs', framedRequest({ ...header, lease: { slot: 0, fence } }, contentsOf(workspace)));
    const first = await ask(1);
    const second = await ask(2);
    expect(second.headers['x-run-origin']).toBe('attached');
    writeFileSync(gate, '');
    for (const answer of [first, second]) expect(resultOf(await allEvents(answer)).outcome).toBe('succeeded');
  });

  it('with a path that leaves the workspace is refused', async () => {
    const header = runHeader(workspace, {}) as { sync: { entries: { path: string }[] } };
    header.sync.entries[0]!.path = '../x';
    const answer = await agent.request('POST', '/v1/runs', framedRequest(header, []));
    expect(answer.statusCode).toBe(422);
    expect(JSON.parse((await answer.toArray()).join(''))).toMatchObject({
      code: 'path-refused',
      details: { path: '../x' },
    });
  });
});

describe('an identical run', () => {
  it('is answered from the record when it succeeded, with the whole log', async () => {
    const command = { argv: shell(`echo ran >> ${folder}/times; cat input`) };
    const first = await submit(agent, workspace, command);
    expect(first.headers['x-run-origin']).toBe('started');
    const events = await allEvents(first);
    const second = await submit(agent, workspace, command);
    expect(second.headers['x-run-origin']).toBe('reused');
    expect(await allEvents(second)).toEqual(events);
    await agent.stop();
    agent = await AgentProcess.start(bundle, folder);
    expect((await submit(agent, workspace, command)).headers['x-run-origin']).toBe('reused');
    expect(readFileSync(`${folder}/times`, 'utf8')).toBe('ran\n');
  });

  it('runs again when it failed, or when reuse is not wanted', async () => {
    const command = { argv: shell(`echo ran >> ${folder}/times; exit 1`) };
    for (let times = 0; times < 2; times++) await allEvents(await submit(agent, workspace, command));
    expect(readFileSync(`${folder}/times`, 'utf8')).toBe('ran\nran\n');
    for (let times = 0; times < 2; times++) {
      const answer = await submit(agent, workspace, { argv: ['true'], reuse: false });
      expect(answer.headers['x-run-origin']).toBe('started');
      await allEvents(answer);
    }
  });

  it('attaches to the one that runs: log from the start, then live', async () => {
    const command = { argv: shell(`echo started; while [ ! -e ${folder}/go ]; do sleep 0.05; done; echo done`) };
    const first = eventsOf(await submit(agent, workspace, command));
    await until(first, isOutput('started'));
    const second = await submit(agent, workspace, command);
    expect(second.headers['x-run-origin']).toBe('attached');
    const attached = eventsOf(second);
    await until(attached, isOutput('started'));
    writeFileSync(join(folder, 'go'), '');
    const [mine, theirs] = await Promise.all([until(first, isOutput('done')), until(attached, isOutput('done'))]);
    expect(mine.at(-1)).toEqual(theirs.at(-1));
  });

  it('goes on when its client leaves, and is followed again from any event', async () => {
    const command = { argv: shell(`echo one; while [ ! -e ${folder}/go ]; do sleep 0.05; done; echo two`) };
    const answer = await submit(agent, workspace, command);
    const seen = await until(eventsOf(answer), isOutput('one'));
    answer.destroy();
    writeFileSync(join(folder, 'go'), '');
    const from = seqsOf(seen).at(-1)! + 1;
    const rest = await allEvents(await agent.request('GET', `/v1/runs/${runIdOf(seen)}/events?from=${from}`));
    expect(seqsOf(rest)[0]).toBe(from);
    expect(outputOf(rest)).toBe('two\n');
    expect(resultOf(rest).outcome).toBe('succeeded');
  });
});

describe('a run in the way of another', () => {
  it('makes it wait for the mirror, saying behind whom, and take its own sources afterwards', async () => {
    const blocking = {
      label: 'first:build',
      argv: shell(`echo up; while [ ! -e ${folder}/go ]; do sleep 0.05; done; cat input`),
    };
    const first = eventsOf(await submit(agent, workspace, blocking));
    await until(first, isOutput('up'));
    writeFileSync(join(workspace, 'input'), 'changed\n');
    const second = eventsOf(await submit(agent, workspace, { argv: ['cat', 'input'] }));
    const queued = await until(second, (event) => event.type === 'state' && event.state === 'queued');
    expect(queued.at(-1)).toMatchObject({ detail: 'waiting for the mirror, behind first:build of ada' });
    writeFileSync(join(folder, 'go'), '');
    await until(first, isOutput('hello'));
    await until(second, isOutput('changed'));
  });

  it('can be left waiting and cancelled there', async () => {
    const first = eventsOf(await submit(agent, workspace, { argv: shell('echo up; exec sleep 1000') }));
    const firstId = runIdOf(await until(first, isOutput('up')));
    const second = eventsOf(await submit(agent, workspace, { argv: ['echo', 'never'] }));
    const secondId = runIdOf(await until(second, (event) => event.type === 'state' && event.state === 'queued'));
    await agent.json('POST', `/v1/runs/${secondId}/cancel`, { reason: 'changed my mind' });
    const end = await until(second, (event) => event.type === 'finished');
    expect(resultOf(end)).toMatchObject({ outcome: 'cancelled', reason: 'changed my mind', exitCode: null });
    await agent.json('POST', `/v1/runs/${firstId}/cancel`, { reason: 'end' });
    await until(first, (event) => event.type === 'finished');
  });

  it('that breaks its sources beyond repair makes it end with the error that tells what to send', async () => {
    const script = `echo up; while [ ! -e ${folder}/go ]; do sleep 0.05; done; echo scribble > input`;
    const first = eventsOf(await submit(agent, workspace, { argv: shell(script) }));
    const sha256 = createHash('sha256').update('hello\n').digest('hex');
    await until(first, isOutput('up'));
    const unsent = framedRequest(runHeader(workspace, { argv: ['cat', 'input'] }), []);
    const second = eventsOf(await agent.request('POST', '/v1/runs', unsent));
    const secondId = runIdOf(await until(second, (event) => event.type === 'state' && event.state === 'queued'));
    writeFileSync(join(folder, 'go'), '');
    await until(first, (event) => event.type === 'finished');
    const end = await until(second, (event) => event.type === 'error');
    expect(end.at(-1)).toMatchObject({ error: { code: 'content-missing', details: { missing: [sha256] } } });
    expect((await second.next()).done).toBe(true);
    const known = async (): Promise<string[]> =>
      RunList.parse((await agent.json('GET', '/v1/runs')).body).runs.map(({ runId }) => runId);
    while ((await known()).includes(secondId)) await pause(10);
    expect((await agent.json('GET', `/v1/runs/${secondId}/events`)).status).toBe(404);
    const events = await allEvents(await submit(agent, workspace, { argv: ['cat', 'input'] }));
    expect(outputOf(events)).toBe('hello\n');
  });

  it('does not hold up another workspace', async () => {
    const first = eventsOf(await submit(agent, workspace, { argv: shell('echo up; exec sleep 1000') }));
    await until(first, isOutput('up'));
    const other = { ...WORKSPACE, user: 'grace' };
    const events = await allEvents(await submit(agent, workspace, { argv: ['cat', 'input'] }, '/v1/runs', other));
    expect(outputOf(events)).toBe('hello\n');
  });
});

describe('cancelling', () => {
  it('interrupts the whole group, and says so', async () => {
    const pidFile = join(folder, 'pid');
    const stream = eventsOf(
      await submit(agent, workspace, { argv: shell(`sleep 1000 & echo $! > ${pidFile}; echo up; wait`) }),
    );
    const seen = await until(stream, isOutput('up'));
    const answer = await agent.json('POST', `/v1/runs/${runIdOf(seen)}/cancel`, { reason: 'Ctrl-C' });
    expect(answer).toEqual({ status: 202, body: {} });
    const rest = await until(stream, (event) => event.type === 'finished');
    expect(rest).toContainEqual(expect.objectContaining({ type: 'state', detail: 'cancelling (Ctrl-C): SIGINT' }));
    expect(resultOf(rest)).toMatchObject({ outcome: 'cancelled', reason: 'Ctrl-C' });
    await eventually(() => !isAlive(pidIn(pidFile)));
    expect(await agent.json('POST', `/v1/runs/${runIdOf(seen)}/cancel`, { reason: 'again' })).toMatchObject({
      status: 202,
    });
  });

  it('goes on to SIGTERM and SIGKILL where a command does not listen', async () => {
    const stream = eventsOf(
      await submit(agent, workspace, { argv: shell(`trap '' INT TERM; echo up; while :; do sleep 0.1; done`) }),
    );
    const seen = await until(stream, isOutput('up'));
    await agent.json('POST', `/v1/runs/${runIdOf(seen)}/cancel`, { reason: 'stop' });
    const rest = await until(stream, (event) => event.type === 'finished');
    expect(resultOf(rest)).toMatchObject({ outcome: 'cancelled', signal: 'SIGKILL' });
  });

  it('happens by itself after the time limit', async () => {
    const events = await allEvents(await submit(agent, workspace, { argv: ['sleep', '1000'], timeoutSeconds: 0.2 }));
    expect(resultOf(events)).toMatchObject({ outcome: 'cancelled', reason: 'it ran longer than its limit of 0.2 s' });
  });

  it('of a run that nobody knows is a 404', async () => {
    const unknown = await agent.json('POST', `/v1/runs/${'0'.repeat(64)}/cancel`, { reason: 'x' });
    expect(unknown).toMatchObject({ status: 404, body: { code: 'run-unknown' } });
  });

  it('happens by itself when nobody has followed for long', async () => {
    await agent.stop();
    agent = await AgentProcess.start(bundle, folder, { detachedSeconds: 0.3 });
    const answer = await submit(agent, workspace, { argv: shell('echo up; exec sleep 1000') });
    const seen = await until(eventsOf(answer), isOutput('up'));
    answer.destroy();
    const states = async (): Promise<string[]> =>
      RunList.parse((await agent.json('GET', '/v1/runs')).body).runs.map(({ state }) => state);
    while ((await states())[0] !== 'cancelled') await pause(20);
    const events = await allEvents(await agent.request('GET', `/v1/runs/${runIdOf(seen)}/events`));
    expect(resultOf(events).reason).toMatch(/nobody followed/);
  });
});

describe('a run whose sources do not arrive', () => {
  it('holds up no run of another workspace, and no list of runs', async () => {
    const large = join(folder, 'large');
    mkdirSync(large);
    writeFileSync(join(large, 'noise'), randomBytes(4_000_000));
    const chunks: Buffer[] = [];
    for await (const chunk of framedRequest(runHeader(large, { label: 'test:stalled' }), contentsOf(large)))
      chunks.push(Buffer.from(chunk as Buffer));
    const whole = Buffer.concat(chunks);
    const stalled = httpRequest({ socketPath: agent.socket, method: 'POST', path: '/v1/runs', agent: false });
    stalled.on('error', () => undefined).write(whole.subarray(0, whole.length / 2));
    await pause(500);
    const other = { id: randomUUID(), user: 'other' };
    const events = await allEvents(await submit(agent, workspace, { argv: ['true'] }, '/v1/runs', other));
    expect(resultOf(events).outcome).toBe('succeeded');
    expect(RunList.parse((await agent.json('GET', '/v1/runs')).body).runs).toHaveLength(1);
    stalled.destroy();
  });
});

describe('much output', () => {
  it('beyond the bound is left out but for its end, with a notice, while the run goes on to its end', async () => {
    const events = await allEvents(
      await submit(agent, workspace, { argv: shell('yes 0123456789 | head -n 500000; echo end > flag') }),
    );
    expect(resultOf(events)).toMatchObject({ outcome: 'succeeded', logTruncated: true });
    expect(outputOf(events).length).toBeLessThan(400_000);
    expect(outputOf(events, 'stderr')).toContain('The output exceeds');
    expect(seqsOf(events)).toEqual(events.map((_, index) => index));
  });

  it('does not wait for a reader that does not read', async () => {
    await agent.stop();
    agent = await AgentProcess.start(bundle, folder);
    const done = join(folder, 'done');
    const slow = await submit(agent, workspace, {
      argv: shell(`yes 0123456789 | head -n 2000000; echo end > ${done}`),
    });
    slow.pause();
    await eventually(() => existsSync(done));
    const memory = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${agent.child.pid}/status`, 'utf8'))?.[1];
    expect(Number(memory)).toBeLessThan(400_000);
    const events = await allEvents(slow);
    const expected = createHash('sha256').update('0123456789\n'.repeat(2_000_000)).digest('hex');
    expect(createHash('sha256').update(outputOf(events)).digest('hex')).toBe(expected);
  });
});

describe('an agent', () => {
  it('tells about itself as the protocol says', async () => {
    const { body } = await agent.json('GET', '/v1/info');
    const info = AgentInfo.parse(body);
    expect(info).toMatchObject({ name: 'test-machine', slots: { total: 2, busy: 0 }, hub: { state: 'disabled' } });
    expect(info.tools).toContainEqual(expect.objectContaining({ tool: 'ghc', version: '9.0.2' }));
    expect((await agent.json('GET', '/v1/alive')).status).toBe(200);
  });

  it('opens its socket to its own account only', () => {
    expect(statSync(agent.socket).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'state')).mode & 0o777).toBe(0o700);
  });

  it('refuses to start beside a living one, and leaves that one alone', async () => {
    const second = AgentProcess.spawn(bundle, folder);
    await eventually(() => second.child.exitCode !== null);
    expect(second.child.exitCode).toBe(1);
    expect(second.log).toMatch(/already/);
    expect(await agent.answers()).toBe(true);
  });

  it('ends its runs and removes its socket when it is stopped', async () => {
    const pidFile = join(folder, 'pid');
    const stream = eventsOf(
      await submit(agent, workspace, { argv: shell(`echo $$ > ${pidFile}; echo up; exec sleep 1000`) }),
    );
    await until(stream, isOutput('up'));
    const stopped = agent.stop();
    const end = await until(stream, (event) => event.type === 'finished');
    expect(resultOf(end)).toMatchObject({ outcome: 'cancelled', reason: 'the agent is stopping' });
    expect(await stopped).toBe(0);
    expect(isAlive(pidIn(pidFile))).toBe(false);
    expect(existsSync(agent.socket)).toBe(false);
  });

  it('that was killed under a run records it as lost at its next start, and ends what is left of it', async () => {
    const pidFile = join(folder, 'pid');
    const script = `echo $$ > ${pidFile}; echo up; (setsid sleep 1000 & echo $! > ${pidFile}2); exec sleep 1000`;
    const command = { argv: shell(script) };
    const answer = await submit(agent, workspace, command);
    answer.on('error', () => undefined);
    const seen = await until(eventsOf(answer), isOutput('up'));
    await eventually(() => existsSync(`${pidFile}2`) && readFileSync(`${pidFile}2`, 'utf8') !== '');
    await agent.stop('SIGKILL');
    expect(isAlive(pidIn(pidFile))).toBe(true);
    agent = await AgentProcess.start(bundle, folder);
    expect([pidFile, `${pidFile}2`].map((file) => isAlive(pidIn(file)))).toEqual([false, false]);
    const events = await allEvents(await agent.request('GET', `/v1/runs/${runIdOf(seen)}/events`));
    expect(resultOf(events)).toMatchObject({ outcome: 'lost', exitCode: null });
    expect(seqsOf(events)).toEqual(events.map((_, index) => index));
    const again = await submit(agent, workspace, { ...command, argv: shell(script) });
    expect(again.headers['x-run-origin']).toBe('started');
    again.destroy();
  });
});
