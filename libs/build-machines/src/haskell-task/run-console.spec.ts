import { PassThrough } from 'node:stream';
import { RunConsole, type ConsoleStreams } from './run-console.js';

function streams(isTTY: boolean): ConsoleStreams & { read: () => { stdout: string; stderr: string } } {
  const stdout = Object.assign(new PassThrough(), { isTTY }) as unknown as NodeJS.WriteStream & PassThrough;
  const stderr = Object.assign(new PassThrough(), { isTTY }) as unknown as NodeJS.WriteStream & PassThrough;
  const text = (stream: PassThrough): string => (stream.read() as Buffer | null)?.toString('utf8') ?? '';
  return { stdout, stderr, read: () => ({ stdout: text(stdout), stderr: text(stderr) }) };
}

describe('the console of a run', () => {
  it.each([{}, { show: undefined }])("passes the command's streams on apart and keeps both in one log", (options) => {
    const out = streams(false);
    const console = new RunConsole(out, false, options);
    console.report({ type: 'output', stream: 'stdout', text: 'Building\n' });
    console.report({ type: 'output', stream: 'stderr', text: 'warning\n' });
    expect(out.read()).toEqual({ stdout: 'Building\n', stderr: 'warning\n' });
    expect(console.log).toBe('Building\nwarning\n');
  });

  it('knows when each line of the log came, in however many pieces', () => {
    let time = 0;
    const console = new RunConsole(streams(false), false, { now: () => new Date((time += 1_000)) });
    for (const text of ['one\ntw', 'o\n', 'three\nfour\n']) console.report({ type: 'output', stream: 'stdout', text });
    expect([0, 1, 2, 3].map((line) => console.arrivalOf(line))).toEqual([1_000, 2_000, 3_000, 3_000]);
    console.forgetLog();
    expect(console.arrivalOf(0)).toBeUndefined();
  });

  it('keeps no more of a log than its bound, says so once, and goes on showing', () => {
    const out = streams(false);
    const console = new RunConsole(out, false, { maxLog: 10 });
    for (const text of ['12345', '67890', 'more', 'and more'])
      console.report({ type: 'output', stream: 'stdout', text });
    expect(console.log).toBe('1234567890');
    const { stdout, stderr } = out.read();
    expect(stdout).toBe('1234567890moreand more');
    expect(stderr.match(/longer than what is kept/g)).toHaveLength(1);
    console.forgetLog();
    console.report({ type: 'output', stream: 'stdout', text: 'anew' });
    expect(console.log).toBe('anew');
  });

  it('rewrites one progress line on a terminal and takes it away before output', () => {
    const out = streams(true);
    const console = new RunConsole(out, false);
    console.report({ type: 'sending', files: 2, bytes: 2048, removed: 0, contents: [] });
    console.report({ type: 'output', stream: 'stdout', text: 'x\n' });
    const { stderr } = out.read();
    expect(stderr).toContain('Sending 2 files (2.05 kB)');
    expect(stderr.endsWith('\r\x1b[2K')).toBe(true);
  });

  it('takes its progress line away before a session has the terminal', () => {
    const out = streams(true);
    const console = new RunConsole(out, false);
    console.report({ type: 'sending', files: 0, bytes: 0, removed: 0, contents: [] });
    console.report({ type: 'session' });
    expect(out.read().stderr.endsWith('removing 0\r\x1b[2K')).toBe(true);
  });

  it('says for whom a run waits before it sends', () => {
    const out = streams(false);
    new RunConsole(out, false).report({ type: 'waiting-to-send', machine: 'box' });
    expect(out.read().stderr).toBe('▸ Waiting: another task of this workspace is sending files to box\n');
  });

  it('lists the files that are sent when asked to be verbose, within reason', () => {
    const out = streams(false);
    const console = new RunConsole(out, true);
    const contents = Array.from({ length: 42 }, (_, n) => ({ path: `src/M${n}.hs`, size: 100 }));
    console.report({ type: 'sending', files: 42, bytes: 4200, removed: 1, contents });
    const { stderr } = out.read();
    expect(stderr).toMatch(/^▸ Sending 42 files \(4\.2 kB\), removing 1\n {4}src\/M0\.hs {2}100 B\n/);
    expect(stderr).toMatch(/src\/M39\.hs {2}100 B\n {4}and 2 other files\n$/);
  });

  it('says only once that the connection is lost, and that the run goes on', () => {
    const out = streams(true);
    const console = new RunConsole(out, false);
    for (const attempt of [1, 2, 3]) lose(console, attempt, attempt * 100);
    const kept = out.read().stderr.match(/▸ [^\n]*\n/g);
    expect(kept).toHaveLength(1);
    expect(kept?.[0]).toContain('Connection lost (reset); the run goes on');
  });

  it('says until when it tries, and within 15 s once more, where nothing but whole lines are seen', () => {
    const out = streams(false);
    const console = new RunConsole(out, false, { now: () => new Date(2026, 0, 1, 12, 0, 0) });
    console.placed('a', { wasOpen: true, leased: true });
    for (const [index, lostForMs] of [0, 4_000, 12_000, 14_000, 59_000, 61_000].entries())
      lose(console, index + 1, lostForMs);
    const lines = out.read().stderr.match(/▸ .*/g);
    expect(lines?.slice(1)).toEqual([
      '▸ Connection lost (reset); the run goes on, if its machine does. Trying again until 12:10:00 at the latest',
      expect.stringMatching(
        /^▸ Still no connection after 12\S* s \(reset\)\. Trying until 12:09:48 .* counts the machine as gone$/,
      ),
      expect.stringMatching(/^▸ Still no connection after 61\S* s/),
    ]);
  });

  function lose(console: RunConsole, attempt: number, lostForMs: number): void {
    const giveUpInMs = 600_000 - lostForMs;
    console.report({ type: 'connection-lost', reason: 'reset', attempt, retryInMs: 500, lostForMs, giveUpInMs });
  }
});

describe('the console of a run that waits', () => {
  it('says anew only what is news, and where the run went at last', () => {
    const out = streams(false);
    const console = new RunConsole(out, false);
    const waiting = { position: 2, expected_wait_seconds: 60, reasons: ['a is busy with ada'] };
    console.waiting(waiting);
    console.waiting({ ...waiting, expected_wait_seconds: 55 });
    console.waiting({ ...waiting, expected_wait_seconds: 50 });
    console.waiting({ ...waiting, position: 1, expected_wait_seconds: 30 });
    console.placed('a', { wasOpen: false, leased: true });
    expect(out.read().stderr.match(/▸ .*/g)).toEqual([
      '▸ Waiting for a machine: 1 before this, about 1 min · a is busy with ada',
      '▸ Waiting for a machine: next in line, about 30 s · a is busy with ada',
      '▸ Runs on a',
    ]);
  });
});

describe('the console of a batch', () => {
  it('shows how far cabal is and keeps the whole log, which Nx prints at the end', () => {
    const out = streams(false);
    const console = new RunConsole(out, false, { show: 'progress' });
    const text =
      'Building library for a-1..\n[2 of 3] Compiling Data.Tree ( src/Data/Tree.hs, dist/Tree.o )\nerror: no\n';
    console.report({ type: 'output', stream: 'stdout', text });
    expect(out.read()).toEqual({ stdout: '', stderr: '▸ [2 of 3] Compiling Data.Tree\n' });
    expect(console.log).toBe(text);
  });
});
