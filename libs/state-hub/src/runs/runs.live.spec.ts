import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { LogChunk, Run } from '../api/runs.js';
import { HubRig } from '../testing/hub-rig.js';
import { splitAtCharacter } from './split-at-character.js';

describe('splitAtCharacter', () => {
  it.each([
    ['plain', 'plain', 0],
    ['ends whole: é', 'é', 0],
    ['two bytes, one missing', 'aé', 1],
    ['three bytes, one missing', 'a€', 1],
    ['three bytes, two missing', 'a€', 2],
    ['four bytes, three missing', 'a😀', 3],
  ])('%s', (_case, textValue, missing) => {
    const bytes = Buffer.from(textValue);
    const kept = splitAtCharacter(bytes.subarray(0, bytes.length - missing));
    expect(kept.toString()).toBe(missing === 0 ? textValue : 'a');
  });

  it('holds back nothing that is no UTF-8', () => {
    expect(splitAtCharacter(Buffer.from([0x80, 0x80, 0x80, 0x80]))).toHaveLength(4);
  });
});

describe('the history of runs', () => {
  let rig: HubRig;
  beforeEach(async () => {
    rig = await HubRig.start();
  });
  afterEach(() => rig.close());

  const begin = async (changes: { project?: string; user?: string } = {}) => {
    const run = { id: randomUUID(), label: 'app:remote-build', machine: 'm1', project: 'app', ...changes };
    return (await rig.client().startRun(run)).id;
  };
  const follow = async (id: string): Promise<{ text: string; run: Run }> => {
    const chunks: LogChunk[] = [];
    const following = rig.client().followLog(id);
    for (;;) {
      const { value, done } = await following.next();
      if (done === true) return { text: chunks.map((chunk) => chunk.text).join(''), run: value };
      chunks.push(value);
    }
  };

  it('records a run from start to end', async () => {
    const { token } = await rig.client().createToken({ role: 'user', name: 'ada' });
    const id = randomUUID();
    const ada = rig.client(token);
    await ada.startRun({
      id,
      label: 'app:remote-build',
      machine: 'm1',
      project: 'app',
      target: 'remote-build',
      commit: 'abc123',
    });
    rig.passSeconds(5);
    await ada.finishRun(id, {
      outcome: 'failed',
      exit_code: 1,
      durations_ms: { queue: 10, sync: 20, run: 4_000, fetch: 0 },
      bytes_sent: 1234,
    });
    expect(await rig.client().run(id)).toMatchObject({
      user: 'ada',
      outcome: 'failed',
      commit: 'abc123',
      started_at: '2026-03-01T12:00:00.000Z',
      finished_at: '2026-03-01T12:00:05.000Z',
      finish: { exit_code: 1, bytes_sent: 1234, durations_ms: { run: 4_000 }, cache: 'executed' },
    });
  });

  it('keeps the first end of a run, and takes a repeated start for the same run', async () => {
    const id = await begin();
    await rig.client().finishRun(id, { outcome: 'succeeded' });
    await rig.client().finishRun(id, { outcome: 'failed' });
    await rig.client().startRun({ id, label: 'again', machine: 'm2' });
    expect(await rig.client().run(id)).toMatchObject({ outcome: 'succeeded', label: 'app:remote-build' });
  });

  it('lists the newest first, in pages, filtered', async () => {
    const ids = [];
    for (const project of ['a', 'b', 'a', 'a']) ids.push(await begin({ project }));
    const first = await rig.client().listRuns({ project: 'a', limit: 2 });
    expect(first.runs.map(({ id }) => id)).toEqual([ids[3], ids[2]]);
    const second = await rig.client().listRuns({ project: 'a', limit: 2, before: first.next ?? undefined });
    expect(second).toMatchObject({ runs: [{ id: ids[0] }], next: null });
  });

  it('shows a log while it grows, to the end, with characters whole', async () => {
    const id = await begin();
    const reading = follow(id);
    const bytes = Buffer.from('[1 of 2] Compiling Größe €\n');
    for (let at = 0; at < bytes.length; at += 1) await rig.client().appendLog(id, at, bytes.subarray(at, at + 1));
    await rig.client().finishRun(id, { outcome: 'succeeded', exit_code: 0 });
    expect(await reading).toMatchObject({ text: bytes.toString(), run: { outcome: 'succeeded' } });
    expect(await text(await rig.client().runLog(id))).toBe(bytes.toString());
  });

  it('keeps what is already there when an append is repeated, and refuses a gap', async () => {
    const id = await begin();
    await rig.client().appendLog(id, 0, Buffer.from('hello '));
    expect(await rig.client().appendLog(id, 0, Buffer.from('hello world'))).toBe(11);
    expect(await rig.client().appendLog(id, 3, Buffer.from('lo'))).toBe(11);
    await expect(rig.client().appendLog(id, 12, Buffer.from('!'))).rejects.toMatchObject({
      status: 409,
      code: 'log-offset-mismatch',
      details: { length: 11 },
    });
    expect(await text(await rig.client().runLog(id))).toBe('hello world');
  });

  it('goes on following over a restart of the hub, without a gap or a repetition', async () => {
    const id = await begin();
    await rig.client().appendLog(id, 0, Buffer.from('before '));
    const reading = follow(id);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await rig.restart();
    await rig.client().appendLog(id, 7, Buffer.from('after'));
    await rig.client().finishRun(id, { outcome: 'succeeded' });
    expect((await reading).text).toBe('before after');
  });

  it('sends a log in the background, whole and in order', async () => {
    const id = await begin();
    const writer = rig.client().logWriter(id);
    const lines = Array.from({ length: 5_000 }, (_, index) => `line ${index}\n`);
    for (const line of lines) writer.write(line);
    expect(await writer.close()).toBeUndefined();
    expect(await text(await rig.client().runLog(id))).toBe(lines.join(''));
  });

  it('calls a run lost that nothing was heard of, and takes it back if it ends after all', async () => {
    const sweeping = await HubRig.start({ sweepSeconds: 0.01 });
    try {
      const id = randomUUID();
      await sweeping.client().startRun({ id, label: 'app:remote-build', machine: 'm1' });
      sweeping.passSeconds(601);
      let run = await sweeping.client().run(id);
      while (run.outcome === 'running') run = await sweeping.client().run(id);
      expect(run).toMatchObject({ outcome: 'lost' });
      await sweeping.client().finishRun(id, { outcome: 'succeeded' });
      expect(await sweeping.client().run(id)).toMatchObject({ outcome: 'succeeded' });
    } finally {
      await sweeping.close();
    }
  });

  it('forgets runs and their logs after the retention time', async () => {
    const sweeping = await HubRig.start({ sweepSeconds: 0.01, runRetentionDays: 1 });
    try {
      const id = randomUUID();
      await sweeping.client().startRun({ id, label: 'app:remote-build', machine: 'm1' });
      await sweeping.client().appendLog(id, 0, Buffer.from('text'));
      await sweeping.client().finishRun(id, { outcome: 'succeeded' });
      expect(await readdir(join(sweeping.folder, 'run-logs'))).toEqual([`${id}.log`]);
      sweeping.passSeconds(86_401);
      while ((await readdir(join(sweeping.folder, 'run-logs'))).length > 0) await new Promise(setImmediate);
      await expect(sweeping.client().run(id)).rejects.toMatchObject({ status: 404, code: 'run-unknown' });
    } finally {
      await sweeping.close();
    }
  });

  it('lets nobody write into a run of somebody else', async () => {
    const id = await begin({ user: 'ada' });
    const { token } = await rig.client().createToken({ role: 'user', name: 'bob' });
    for (const attempt of [
      rig.client(token).appendLog(id, 0, Buffer.from('x')),
      rig.client(token).finishRun(id, { outcome: 'succeeded' }),
      rig.client(token).runAlive(id),
    ]) {
      await expect(attempt).rejects.toMatchObject({ status: 403 });
    }
  });
});
