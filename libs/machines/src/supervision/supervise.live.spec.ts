import { makeTemporaryFolder } from '@build-machines/owned-files';
import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { allProcesses, processesWithEnvironment } from '../processes/find-processes.js';
import { identifyProcess, isRunning } from '../processes/process-identity.js';
import { restartDelay } from './backoff.js';
import { capLog, openLog, closeLog } from './capped-log.js';
import { recordedChildren } from './child-record.js';
import type { ChildSpec } from './child-spec.js';
import { claimInstance, runningInstance } from './instance.js';
import type { ChildEvent } from './supervised-child.js';
import { endRecordedChildren, supervise, type Supervision } from './supervise.js';

describe('supervision', () => {
  let folder: string;
  let events: ChildEvent[];
  const open: Supervision[] = [];
  const child = (name: string, script: string, more: Partial<ChildSpec> = {}): ChildSpec => ({
    name,
    command: '/bin/sh',
    args: ['-c', script],
    env: { PATH: process.env['PATH'] ?? '', MARK: folder },
    cwd: '/',
    ...more,
  });
  const start = async (specs: ChildSpec[]): Promise<Supervision> => {
    const supervision = await supervise(specs, { folder, onEvent: (event) => events.push(event), random: () => 0 });
    open.push(supervision);
    return supervision;
  };
  /** Waits until a condition holds; the test's own timeout bounds it. */
  const until = async (condition: () => unknown): Promise<void> => {
    while (!(await condition())) await sleep(20);
  };
  const runningPid = async (name: string): Promise<number | undefined> =>
    (await recordedChildren(folder)).find((record) => record.name === name && record.running)?.identity.pid;
  const marked = (): number[] => processesWithEnvironment('MARK', folder).map(({ pid }) => pid);

  beforeEach(async () => {
    folder = await makeTemporaryFolder(join(tmpdir(), 'sup-'));
    events = [];
  });
  afterEach(async () => {
    for (const supervision of open.splice(0)) await supervision.stop();
    await endRecordedChildren(folder);
    await rm(folder, { recursive: true, force: true });
  });

  it('starts a program again whatever ended it', async () => {
    await start([child('a', 'exec sleep 1000')]);
    await until(() => runningPid('a'));
    const first = (await runningPid('a'))!;
    process.kill(first, 'SIGKILL');
    await until(async () => ![undefined, first].includes(await runningPid('a')));
    expect(events).toContainEqual({ type: 'exited', child: 'a', how: 'was ended by SIGKILL', restartInMs: 150 });
  });

  it('ends what a killed program left in its group before it starts it again', async () => {
    await start([child('a', 'sleep 1000 & wait')]);
    await until(() => marked().length === 2);
    const before = marked();
    await until(() => runningPid('a'));
    process.kill((await runningPid('a'))!, 'SIGKILL');
    await until(() => marked().length === 2 && marked().every((pid) => !before.includes(pid)));
  });

  it('waits longer and longer while a program keeps ending at once, and says how it ended', async () => {
    await start([child('a', 'exit 3')]);
    await until(() => events.filter(({ type }) => type === 'exited').length >= 3);
    const exits = events.filter((event) => event.type === 'exited');
    expect(exits.slice(0, 3).map(({ restartInMs }) => restartInMs)).toEqual([150, 300, 600]);
    expect(exits[0]?.how).toBe('exited with status 3');
  });

  it('reports a program that cannot be started and keeps trying', async () => {
    await start([child('a', '', { command: '/nowhere/program', args: [] })]);
    await until(() => events.some((event) => event.type === 'exited' && /ENOENT/.test(event.how)));
  });

  it('adopts what a supervisor left, and brings it back as if it were its own', async () => {
    const first = await start([child('a', 'exec sleep 1000')]);
    await until(() => runningPid('a'));
    const pid = (await runningPid('a'))!;
    await first.handOver();
    await start([child('a', 'exec sleep 1000')]);
    await until(() => events.some((event) => event.type === 'adopted' && event.pid === pid));
    process.kill(pid, 'SIGKILL');
    await until(async () => ![undefined, pid].includes(await runningPid('a')));
  });

  it('ends what a supervisor left when it is not what shall run now', async () => {
    const first = await start([child('a', 'exec sleep 1000'), child('b', 'exec sleep 1000')]);
    await until(async () => (await runningPid('a')) && (await runningPid('b')));
    const left = [(await runningPid('a'))!, (await runningPid('b'))!].map((pid) => identifyProcess(pid)!);
    await first.handOver();
    await start([child('a', 'exec sleep 1001')]);
    await until(() => left.every((identity) => !isRunning(identity)));
    await until(() => runningPid('a'));
  });

  it('never touches a process that got the number of one on record', async () => {
    const bystander = identifyProcess(process.ppid)!;
    await writeFile(
      join(folder, 'a.child.json'),
      JSON.stringify({
        name: 'a',
        identity: { ...bystander, startTicks: bystander.startTicks + 1 },
        spec: 'x',
        endDescendants: true,
      }),
    );
    await start([]);
    expect(await endRecordedChildren(folder)).toBe(0);
    expect(isRunning(bystander)).toBe(true);
  });

  it('counts a record that a crash cut short as none', async () => {
    await writeFile(join(folder, 'a.child.json'), '{"name":"a","iden');
    await start([child('a', 'exec sleep 1000')]);
    await until(() => runningPid('a'));
  });

  it('kills a program that does not obey, with its group', async () => {
    const supervision = await start([
      child('a', "trap '' TERM; sleep 1000 & while :; do wait; done", { graceMs: 100 }),
    ]);
    await until(() => marked().length === 2);
    await supervision.stop();
    expect(marked()).toEqual([]);
    expect(await readdir(folder)).toEqual(['a.log']);
  });

  it('ends descendants that left the group, where asked', async () => {
    const supervision = await start([child('a', 'setsid sleep 1000 & wait', { endDescendants: true })]);
    await until(
      () => marked().length === 2 && allProcesses().some(({ pid, group }) => marked().includes(pid) && pid === group),
    );
    await supervision.stop();
    expect(marked()).toEqual([]);
  });

  it('ends children last first', async () => {
    const supervision = await start([
      child('a', `trap 'echo a >> ${folder}/order; exit' TERM; while :; do sleep 0.05; done`),
      child('b', `trap 'echo b >> ${folder}/order; exit' TERM; while :; do sleep 0.05; done`),
    ]);
    await until(async () => (await runningPid('a')) && (await runningPid('b')));
    await sleep(200);
    await supervision.stop();
    expect(await readFile(join(folder, 'order'), 'utf8')).toBe('b\na\n');
  });

  it('ends all children although the folder of their records was deleted and one could not start again', async () => {
    const supervision = await start([child('a', 'exec sleep 1000'), child('b', 'exec sleep 1000')]);
    open.pop();
    await until(async () => (await runningPid('a')) && (await runningPid('b')));
    const b = (await runningPid('b'))!;
    await rm(folder, { recursive: true });
    process.kill(b, 'SIGKILL');
    await expect(supervision.done).rejects.toThrow('ENOENT');
    expect(marked()).toHaveLength(1);
    await expect(supervision.stop()).rejects.toThrow('ENOENT');
    expect(marked()).toEqual([]);
  });

  it('ends with its signal', async () => {
    const ending = new AbortController();
    const supervision = await supervise([child('a', 'exec sleep 1000')], { folder, signal: ending.signal });
    await until(() => runningPid('a'));
    ending.abort();
    await supervision.done;
    await until(() => marked().length === 0);
  });
});

describe('the wait before a restart', () => {
  it('doubles up to ten seconds and is spread downwards', () => {
    expect([1, 2, 3, 10].map((exits) => restartDelay(exits, 1))).toEqual([200, 400, 800, 10_000]);
    expect(restartDelay(10, 0)).toBe(7_500);
  });
});

describe('a log', () => {
  it('starts anew beyond its cap, keeps the old part once, and goes on for whoever holds it open', async () => {
    const folder = await makeTemporaryFolder(join(tmpdir(), 'log-'));
    const path = join(folder, 'x.log');
    const held = openLog(path);
    const { writeSync } = await import('node:fs');
    writeSync(held, 'x'.repeat(100));
    await capLog(path, 100);
    expect((await readFile(path, 'utf8')).length).toBe(100);
    writeSync(held, 'y');
    await capLog(path, 100);
    writeSync(held, 'after');
    closeLog(held);
    expect(await readFile(path, 'utf8')).toBe('after');
    expect(await readFile(`${path}.1`, 'utf8')).toBe(`${'x'.repeat(100)}y`);
    await capLog(join(folder, 'none.log'));
    await rm(folder, { recursive: true });
  });
});

describe('the one instance of a daemon', () => {
  it('is claimed once, and again after its holder died', async () => {
    const folder = await makeTemporaryFolder(join(tmpdir(), 'ins-'));
    const file = join(folder, 'instance.json');
    expect(await claimInstance(file)).toBeUndefined();
    expect(await claimInstance(file)).toBeUndefined();
    const parent = identifyProcess(process.ppid)!;
    await writeFile(file, JSON.stringify(parent));
    expect(await claimInstance(file)).toEqual(parent);
    await writeFile(file, JSON.stringify({ ...parent, bootId: 'an earlier boot' }));
    expect(await runningInstance(file)).toBeUndefined();
    expect(await claimInstance(file)).toBeUndefined();
    await rm(folder, { recursive: true });
  });
});
