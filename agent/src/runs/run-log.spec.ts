import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RunEvent } from '@build-machines/protocol';
import { RunLog } from './run-log.js';

describe('the log of a run', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bm-l-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('keeps the beginning and the end of output beyond its bound, in order and without a gap in the numbers', async () => {
    const file = join(folder, 'log.ndjson');
    const log = await RunLog.create(file, 2_000);
    for (let line = 1; line <= 500; line++)
      await log.append({ type: 'output', stream: 'stdout', text: `line ${line} of the build\n` });
    await log.append({ type: 'output', stream: 'stderr', text: 'src/M.hs:1:1: error: the one that counts\n' });
    await log.append({ type: 'state', state: 'failed' });
    await log.end();
    const events = (await readFile(file, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => RunEvent.parse(JSON.parse(line)));
    expect(events.map((event) => ('seq' in event ? event.seq : -1))).toEqual(events.map((_, index) => index));
    const text = events.map((event) => (event.type === 'output' ? event.text : `<${event.type}>`)).join('');
    expect(text).toMatch(
      /^line 1 of the build\n[^]*only the end is kept[^]*line 500 of the build\nsrc\/M.hs:1:1: error/,
    );
    expect(text).toMatch(/the one that counts\n<state>$/);
    expect(text).not.toContain('line 200 of');
    expect(log.size).toBeLessThan(5_000);
    expect(log.truncated).toBe(true);
  });
});
