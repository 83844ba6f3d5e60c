import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync } from 'node:fs';
import { appendFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { knownListsText } from '../testing/known-lists-file.js';
import type { RunProgress } from './run-progress.js';
import { collectRun, makeWorkspace, startAgentMachine, type AgentMachine } from '../testing/agent-machine.js';
import { script } from '../testing/script.js';

let machine: AgentMachine;
let root: string;

beforeAll(async () => {
  machine = await startAgentMachine();
});

afterAll(() => machine.close());

beforeEach(async () => {
  root = await makeWorkspace({ 'src/Main.hs': 'main = pure ()\n', 'data/ü b.txt': 'x' });
});

afterEach(() => rm(root, { recursive: true, force: true }));

describe('a run', () => {
  it('brings the files over and runs the command among them, with both outputs and its exit status', async () => {
    const run = await collectRun(machine, root, script('find . -mindepth 1 | sort; echo oops >&2; exit 3'));
    expect(run.result).toMatchObject({ outcome: 'failed', exitCode: 3 });
    expect(run.stdout.split('\n').slice(0, -1)).toEqual(['./data', './data/ü b.txt', './src', './src/Main.hs']);
    expect(run.stderr).toBe('oops\n');
    expect(run.origin).toBe('started');
  });

  it('sends what changed, and nothing else', async () => {
    await collectRun(machine, root, script('true'));
    await writeFile(join(root, 'src/Main.hs'), 'main = print 1\n');
    await rm(join(root, 'data'), { recursive: true });
    const second = await collectRun(machine, root, script('cat src/Main.hs; ls'));
    expect(second.stdout).toBe('main = print 1\nsrc\n');
    expect(second.sync).toMatchObject({ filesSent: 1, bytesSent: 15, filesRemoved: 1 });
    const third = await collectRun(machine, root, script('ls'));
    expect(third.sync).toMatchObject({ filesSent: 0, bytesSent: 0, filesRemoved: 0 });
  });

  it('does not send content again that the machine has: a moved file, an earlier version, another workspace', async () => {
    const content = 'y'.repeat(400_000);
    await writeFile(join(root, 'big'), content);
    expect((await collectRun(machine, root, script('true'))).sync.filesSent).toBeGreaterThan(0);
    await rm(join(root, 'big'));
    await writeFile(join(root, 'moved'), content);
    expect((await collectRun(machine, root, script('true'))).sync.filesSent).toBe(0);
    await writeFile(join(root, 'moved'), 'other');
    await collectRun(machine, root, script('true'));
    await writeFile(join(root, 'moved'), content);
    expect((await collectRun(machine, root, script('true'))).sync.filesSent).toBe(0);
    const other = await makeWorkspace({ big: content });
    const run = await collectRun(machine, other, script('wc -c < big'));
    expect([run.stdout, run.sync.filesSent]).toEqual(['400000\n', 0]);
    await rm(other, { recursive: true });
  });

  it('recovers when the machine holds something else than was believed', async () => {
    await collectRun(machine, root, script('true'));
    const known = knownListsText(root);
    await writeFile(join(root, 'src/Main.hs'), 'two\n');
    await collectRun(machine, root, script('true'));
    await known.restore();
    await writeFile(join(root, 'src/Main.hs'), 'three\n');
    const run = await collectRun(machine, root, script('cat src/Main.hs'));
    expect([run.stdout, run.result.outcome]).toEqual(['three\n', 'succeeded']);
    // Also the request that was refused for its base has brought what it sent.
    const sent = run.progress.flatMap((event) => (event.type === 'sending' ? event.files : []));
    expect([sent, run.sync.filesSent]).toEqual([[1, 0], 1]);
    await known.corrupt();
    expect((await collectRun(machine, root, script('cat src/Main.hs'))).stdout).toBe('three\n');
    const sha256 = createHash('sha256').update('sent').digest('hex');
    await known.believe([{ kind: 'file', path: 'other', size: 4, sha256, mode: 0o644 }]);
    await writeFile(join(root, 'never'), 'sent');
    const third = await collectRun(machine, root, script('cat never'));
    expect(third.stdout).toBe('sent');
  });

  it('shows paths of the mirror as paths of the workspace', async () => {
    const run = await collectRun(machine, root, script('echo "$PWD/src/Main.hs:1:1: error"; printf %s "$PWD" >&2'));
    expect([run.stdout, run.stderr]).toEqual([`${root}/src/Main.hs:1:1: error\n`, root]);
  });

  it('answers from the record of an identical run when that is allowed', async () => {
    const command = script('echo once; date +%N', { reuse: true });
    const first = await collectRun(machine, root, command);
    const second = await collectRun(machine, root, command);
    expect([second.origin, second.stdout]).toEqual(['reused', first.stdout]);
    expect(second.sync.filesSent).toBe(0);
  });

  it('sees the files of its own list alone', async () => {
    await collectRun(machine, root, script('true'), { scope: { roots: ['src'], files: [] } });
    const run = await collectRun(machine, root, script('find . -type f | sort'), {
      scope: { roots: ['data'], files: ['missing.txt'] },
    });
    expect(run.stdout).toBe('./data/ü b.txt\n');
  });

  it('is safe beside other runs of the same workspace', async () => {
    const runs = await Promise.all(
      ['src', 'data', '.', 'src'].map((scope, n) =>
        collectRun(machine, root, script(`echo ${String(n)}; ls ${scope}`), {
          scope: { roots: [scope], files: [] },
        }),
      ),
    );
    expect(runs.map(({ result }) => result.outcome)).toEqual(Array(4).fill('succeeded'));
    expect((await collectRun(machine, root, script('cat src/Main.hs'))).stdout).toBe('main = pure ()\n');
  });

  it('sends again what the machine lost while the request waited behind another run', async () => {
    const forgetful = await startAgentMachine({ atticBytes: 0 });
    const queued = async (roots: string[], text: string): Promise<{ run: ReturnType<typeof collectRun> }> => {
      let run: ReturnType<typeof collectRun> | undefined;
      await new Promise<void>((resolve) => {
        const scope = { roots, files: [] };
        const onProgress = (event: RunProgress): void => {
          if (event.type === 'state' && event.state === (text === holding ? 'running' : 'queued')) resolve();
        };
        run = collectRun(forgetful, root, script(text), { scope, onProgress });
      });
      return { run: run! };
    };
    const released = join(forgetful.ssh.folder, 'released');
    const holding = `until [ -e ${released} ]; do sleep 0.1; done`;
    try {
      await collectRun(forgetful, root, script('true'));
      const first = await queued(['src'], holding);
      await rm(join(root, 'data/ü b.txt'));
      await writeFile(join(root, 'data/other'), '');
      const removing = await queued(['data'], 'ls data');
      await mkdir(join(root, 'extra'));
      await writeFile(join(root, 'extra/copy'), 'x');
      const needing = await queued(['extra'], 'cat extra/copy');
      await writeFile(released, '');
      expect((await first.run).result.outcome).toBe('succeeded');
      expect((await removing.run).stdout).toBe('other\n');
      const { stdout, sync } = await needing.run;
      expect([stdout, sync.filesSent]).toEqual(['x', 1]);
    } finally {
      await forgetful.close();
    }
  });
});

describe('a source that cannot be sent', () => {
  it('is refused with its name, and the mirror is untouched', async () => {
    await collectRun(machine, root, script('true'));
    await writeFile(Buffer.concat([Buffer.from(`${root}/src/f`), Buffer.from([0xff])]), '');
    await expect(collectRun(machine, root, script('true'))).rejects.toMatchObject({
      code: 'source-name-unsupported',
      message: expect.stringContaining('"src"') as string,
    });
  });

  it('is sent again when it changed while it was sent, and named when it never rests', async () => {
    const path = join(root, 'log');
    await writeFile(path, 'x'.repeat(6_000_000));
    let sends = 0;
    const changing = (times: number) => ({
      onProgress: ({ type }: { type: string }) => {
        if (type === 'sending' && sends++ < times) void appendFile(path, 'more');
      },
    });
    const calm = await collectRun(machine, root, script('wc -c < log'), changing(1));
    expect([calm.stdout, sends]).toEqual(['6000004\n', 2]);
    sends = 0;
    await appendFile(path, 'new');
    await expect(collectRun(machine, root, script('true'), changing(99))).rejects.toMatchObject({
      code: 'source-changing',
      message: expect.stringContaining('"log"'),
    });
    expect(sends).toBe(3);
  });
});

describe('a connection that breaks', () => {
  const count = 'echo start >> $HOME/starts; for i in $(seq 1 60); do echo line $i; sleep 0.03; done';
  const lines = Array.from({ length: 60 }, (_, n) => `line ${String(n + 1)}\n`).join('');
  const starts = () =>
    spawnSync('wc', ['-l', join(machine.ssh.folder, 'home', 'starts')])
      .stdout.toString()
      .split(' ')[0];
  beforeEach(() => rm(join(machine.ssh.folder, 'home', 'starts'), { force: true }));

  it('inside the log costs nothing: the run goes on, the log is complete, each line comes once', async () => {
    let seen = '';
    let cuts = 0;
    const run = await collectRun(machine, root, script(count), {
      onProgress: (event) => {
        if (event.type !== 'output') return;
        seen += event.text;
        if (seen.split('\n').length > 10 * (cuts + 1) && cuts < 3) {
          cuts += 1;
          machine.proxy.cut();
        }
      },
    });
    expect([run.stdout, run.result.outcome, starts()]).toEqual([lines, 'succeeded', '1']);
    expect(run.progress.filter(({ type }) => type === 'reconnected')).toHaveLength(3);
  });

  it('inside the upload is repaired by sending again, and the command runs once', async () => {
    const noise = Array.from({ length: 200_000 }, () => Math.random().toString(36)).join('');
    await writeFile(join(root, 'noise'), noise);
    machine.proxy.cutAfterSending(500_000);
    const run = await collectRun(machine, root, script(`${count}; wc -c < noise`));
    expect([run.stdout, starts()]).toEqual([`${lines}${String(noise.length)}\n`, '1']);
    expect(run.progress.some(({ type }) => type === 'connection-lost')).toBe(true);
  });

  it('and does not come back ends with advice, not for ever', async () => {
    const error = await collectRun(machine, root, script('echo go; sleep 20'), {
      reconnectFor: 500,
      onProgress: (event) => {
        if (event.type !== 'output') return;
        machine.proxy.refuse(true);
        machine.proxy.cut();
      },
    })
      .catch((caught: unknown) => caught)
      .finally(() => {
        machine.proxy.refuse(false);
      });
    expect(error).toMatchObject({ code: 'reconnect-gave-up', hint: expect.stringContaining('re-attach') });
    const controller = new AbortController();
    const again = await collectRun(machine, root, script('echo go; sleep 20'), {
      signal: controller.signal,
      onProgress: ({ type }) => {
        if (type === 'output') controller.abort();
      },
    });
    expect([again.origin, again.stdout]).toEqual(['attached', 'go\n']);
  });

  it('with the agent: the lost run is submitted once more', async () => {
    let killed = false;
    const run = await collectRun(machine, root, script(count), {
      onProgress: (event) => {
        if (event.type !== 'output' || killed) return;
        killed = true;
        void machine.killAgent().then(() => machine.startAgent());
      },
    });
    expect([run.result.outcome, starts(), run.progress.some(({ type }) => type === 'resubmitted')]).toEqual([
      'succeeded',
      '2',
      true,
    ]);
  });

  it('with an agent that dies every time ends as lost', async () => {
    let kills = 0;
    const run = await collectRun(machine, root, script('echo up; sleep 30'), {
      onProgress: (event) => {
        if (event.type !== 'output') return;
        kills += 1;
        void machine.killAgent().then(() => machine.startAgent());
      },
    });
    expect([run.result.outcome, kills]).toEqual(['lost', 2]);
  });

  it('is not tried again when it never worked', async () => {
    machine.proxy.refuse(true);
    await expect(collectRun(machine, root, script('true'))).rejects.toMatchObject({ code: 'machine-unreachable' });
    machine.proxy.refuse(false);
    await machine.killAgent();
    await expect(collectRun(machine, root, script('true'))).rejects.toMatchObject({ code: 'agent-down' });
    await machine.startAgent();
  });
});

describe('a cancelled run', () => {
  const long = (mark: string) =>
    script(`trap 'rm -f $HOME/${mark}; exit 1' INT; touch $HOME/${mark}; echo on; sleep 60 & wait`);
  const stillRuns = (mark: string) => existsSync(join(machine.ssh.folder, 'home', mark));

  it('ends on the machine, and says so', async () => {
    const controller = new AbortController();
    const run = await collectRun(machine, root, long('a'), {
      signal: controller.signal,
      onProgress: ({ type }) => {
        if (type === 'output') controller.abort();
      },
    });
    expect([run.result.outcome, run.stdout, stillRuns('a')]).toEqual(['cancelled', 'on\n', false]);
    expect(run.result.runId).toMatch(/^[0-9a-f]{64}$/);
  });

  it('ends on the machine also when the connection is dead without saying so', async () => {
    const controller = new AbortController();
    const started = performance.now();
    let elapsed = 0;
    const run = await collectRun(machine, root, long('b'), {
      signal: controller.signal,
      onProgress: ({ type }) => {
        if (type !== 'output') return;
        machine.proxy.freeze(true);
        elapsed = performance.now();
        controller.abort();
      },
    });
    elapsed = performance.now() - elapsed;
    expect(started).toBeGreaterThan(0);
    expect(run.result.outcome).toBe('cancelled');
    // The promise of 4 s, which Nx's 5 s depend on; not a measure of speed.
    expect(elapsed).toBeLessThan(4_500);
    while (stillRuns('b')) await new Promise((resolve) => setTimeout(resolve, 50));
  });

  it('says that it could not be confirmed when the machine is out of reach', async () => {
    const controller = new AbortController();
    const run = await collectRun(machine, root, long('c'), {
      signal: controller.signal,
      onProgress: ({ type }) => {
        if (type !== 'output') return;
        machine.proxy.refuse(true);
        machine.proxy.cut();
        controller.abort();
      },
    });
    machine.proxy.refuse(false);
    expect([run.result.outcome, run.progress.some(({ type }) => type === 'cancel-unconfirmed')]).toEqual([
      'cancelled',
      true,
    ]);
    const controller2 = new AbortController();
    await collectRun(machine, root, long('c'), {
      signal: controller2.signal,
      onProgress: ({ type }) => {
        if (type === 'output') controller2.abort();
      },
    });
  });

  it('never starts when it is cancelled before it was sent, or while it is', async () => {
    const before = await collectRun(machine, root, script('touch $HOME/never'), { signal: AbortSignal.abort() });
    expect(before.result.outcome).toBe('cancelled');
    const controller = new AbortController();
    await writeFile(join(root, 'more'), 'z'.repeat(3_000_000));
    const during = await collectRun(machine, root, script('touch $HOME/never'), {
      signal: controller.signal,
      onProgress: ({ type }) => {
        if (type === 'sending') controller.abort();
      },
    });
    expect(during.result.outcome).toBe('cancelled');
    expect((await collectRun(machine, root, script('ls $HOME/never || echo not there'))).stdout).toBe('not there\n');
  });
});

it('restores permissions', async () => {
  chmodSync(join(root, 'src/Main.hs'), 0o755);
  expect((await collectRun(machine, root, script('stat -c %a src/Main.hs'))).stdout).toBe('755\n');
});
